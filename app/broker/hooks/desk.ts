import { basename } from 'node:path'
import type { AskingSession, HookMessage, HookMessageOf, PermissionFate } from '../../core/hook.ts'
import { isAppError, messageOf } from '../../core/errors.ts'
import type { Fleet, LiveSession } from '../../core/fleet.ts'
import type { Tools } from '../tools.ts'
import { agentProcess, isSender } from './sender.ts'

type DeskTools = Pick<Tools, 'host' | 'clock' | 'log' | 'progress' | 'hooks' | 'decidePermission'> & {
  /** Hears what became of a decision. */
  noteFate?: PermissionFate
}

/** A conversation's first hook can be here before its agent has been seen. */
const newcomerWaitsMs = 300
const newcomerLooks = 4
/** A message that is older than this was left while nobody read: its agent has been seen, or is gone. */
const freshForMs = 5_000

/** Takes what hooks tell to the session that it comes from, and has permission requests decided. */
export class HookDesk {
  readonly #tools: DeskTools
  readonly #fleet: Fleet
  /** Messages of agents that are not, or no longer, in any pane that is watched. */
  #dropped = 0

  constructor(tools: DeskTools, fleet: Fleet) {
    this.#tools = tools
    this.#fleet = fleet
  }

  /** Fulfilled when nothing of the message can be lost any more. Hearing it twice changes nothing. */
  async hear(message: HookMessage): Promise<void> {
    const session = await this.#senderOf(message)
    const agent = session && agentProcess(session.reading.generation)
    if (!session || !agent) return this.#drop(message)
    if (message.type === 'permission_asked') await this.#decide(message, session)
    await this.#tools.hooks?.keep(agent, message)
    await this.#fleet.refresh(session.pane)
  }

  async #senderOf(message: HookMessage): Promise<LiveSession | undefined> {
    const known = this.#fleet.find((session) => isSender(message, session))
    if (known) return known
    const looks = this.#tools.clock.now() - message.at < freshForMs ? newcomerLooks : 1
    for (let look = 0; look < looks; look += 1) {
      if (look > 0) await this.#tools.clock.sleep(newcomerWaitsMs)
      const seen = await this.#lookForPane(message)
      if (seen) return seen
    }
    return undefined
  }

  /** Looks into the pane that the message names, which the fleet may not have seen yet. */
  async #lookForPane(message: HookMessage): Promise<LiveSession | undefined> {
    const known = this.#fleet.find((session) => isSender(message, session))
    if (known || message.paneId === null) return known
    const server = basename(message.socketPath ?? '')
    try {
      const panes = await this.#tools.host.list()
      const pane = panes.find(
        (each) => each.paneId === message.paneId && each.server.replace(/~\d+$/, '') === server,
      )
      const session = pane && (await this.#fleet.refresh(pane))
      return session && isSender(message, session) ? session : undefined
    } catch (error) {
      if (isAppError(error, 'unavailable')) return undefined
      throw error
    }
  }

  #drop({ id, agent, event, paneId }: HookMessage) {
    this.#dropped += 1
    const about = { id, agent, event, paneId, dropped: this.#dropped }
    this.#tools.log.info(about, 'a hook told of an agent that is in no pane here, or no longer')
  }

  async #decide(message: HookMessageOf<'permission_asked'>, session: LiveSession) {
    const { hooks, decidePermission, noteFate, log, progress } = this.#tools
    if (!hooks || !message.decidable) return
    const decision = await (decidePermission?.(message, askingSession(session)) ?? null)
    // An agent that is told at once that nobody decides draws its dialog sooner.
    const fate = await hooks.decide(message, decision).catch((error: unknown) => {
      log.error({ err: error, id: message.id }, `a decision could not be handed over: ${messageOf(error)}`)
      return 'too_late' as const
    })
    if (!decision) return
    await noteFate?.(message, askingSession(session), fate)
    const late = fate === 'given' ? '' : ' (too late: the dialog is open)'
    progress(`${session.pane.sessionName} asks to use ${message.tool}: ${decision.behavior}${late}`)
  }
}

function askingSession({ key, pane, reading }: LiveSession): AskingSession {
  return {
    key,
    name: pane.sessionName,
    generation: reading.generation ?? '',
    cwd: reading.cwd,
    trusted: reading.trusted,
  }
}
