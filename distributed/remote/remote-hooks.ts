import type {
  DecisionFate,
  HookInbox,
  HookMessage,
  HookMessageOf,
  PermissionDecision,
  ProcessIdentity,
} from '../../app/core/hook.ts'
import type { NodeLink } from './link.ts'

/** What agents on another node tell by their hooks. Messages stay in that node's spool until they were heard here. */
export class RemoteHooks implements HookInbox {
  readonly #link: NodeLink
  readonly #handler: Promise<Handler>
  #begin: (handle: Handler) => void = () => undefined

  constructor(link: NodeLink) {
    this.#link = link
    this.#handler = new Promise((resolve) => (this.#begin = resolve))
  }

  async listen(handle: Handler): Promise<void> {
    this.#begin(handle)
  }

  async keep({ pid, startedAt }: ProcessIdentity, { id }: HookMessage): Promise<void> {
    await this.#link.call('keepHook', { id, agent: { pid, startedAt } })
  }

  decide(
    { id }: HookMessageOf<'permission_asked'>,
    decision: PermissionDecision | null,
  ): Promise<DecisionFate> {
    return this.#link.call('decideHook', { id, decision })
  }

  /** Waits until somebody listens; the node keeps the message so long. */
  async hear(message: HookMessage): Promise<void> {
    const handle = await this.#handler
    await handle(message)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

type Handler = (message: HookMessage) => Promise<void>
