import { AppError } from '../../app/core/errors.ts'
import type {
  DecisionFate,
  HookInbox,
  HookMessage,
  PermissionDecision,
  ProcessIdentity,
} from '../../app/core/hook.ts'
import type { Tell } from './outbox.ts'

/** Passes on what agents here tell by their hooks. A message stays in the spool until the other side has it. */
export class HookNews {
  readonly #hooks: HookInbox
  readonly #waiting = new Map<string, HookMessage>()

  constructor(hooks: HookInbox) {
    this.#hooks = hooks
  }

  async begin(tell: Tell): Promise<void> {
    await this.#hooks.listen(async (message) => {
      this.#waiting.set(message.id, message)
      try {
        await tell({ type: 'hook', message })
      } finally {
        this.#waiting.delete(message.id)
      }
    })
  }

  keep(id: string, agent: ProcessIdentity): Promise<void> {
    return this.#hooks.keep(agent, this.#find(id))
  }

  decide(id: string, decision: PermissionDecision | null): Promise<DecisionFate> {
    const message = this.#find(id)
    if (message.type !== 'permission_asked') throw new AppError('invalid', `The message ${id} asks nothing.`)
    return this.#hooks.decide(message, decision)
  }

  #find(id: string): HookMessage {
    const message = this.#waiting.get(id)
    if (!message) throw new AppError('not_found', `The message ${id} is not here any more.`)
    return message
  }
}
