import type { AgentReader, DeliveryProfile, SessionReading } from '../../app/core/agent.ts'
import type { EpochMs } from '../../app/core/clock.ts'
import type { Dialog, DialogKeys } from '../../app/core/dialog.ts'
import { AppError } from '../../app/core/errors.ts'
import type { Look, Pane } from '../../app/core/host.ts'
import type { AgentKind } from '../../app/core/session.ts'
import type { Turn } from '../../app/core/turn.ts'
import { digestOf } from '../protocol/digest.ts'
import type { NodeLink } from './link.ts'
import type { NodeTime } from './node-time.ts'
import type { RemoteHost } from './remote-host.ts'

/** What our own rule files say of a kind of agent, wherever it runs. */
export type Rules = Pick<AgentReader, 'profileOf' | 'dialogKeysOf'>

/** Agents on another node, as that node reads them. */
export class RemoteReader implements AgentReader {
  readonly #link: NodeLink
  readonly #host: RemoteHost
  readonly #time: NodeTime
  readonly #rules: Rules

  constructor(link: NodeLink, host: RemoteHost, time: NodeTime, rules: Rules) {
    this.#link = link
    this.#host = host
    this.#time = time
    this.#rules = rules
  }

  read(look: Look): SessionReading {
    return this.#readThere(look).reading
  }

  /** Only the node itself can tell; the look that follows does. */
  mayHoldAgent(pane: Pane): boolean {
    return !pane.dead
  }

  profileOf(agent: AgentKind): DeliveryProfile {
    return this.#rules.profileOf(agent)
  }

  readDialog(look: Look): Dialog | null {
    return this.#readThere(look).dialog
  }

  dialogKeysOf(agent: AgentKind): DialogKeys | null {
    return this.#rules.dialogKeysOf(agent)
  }

  async findTurn({ generation }: SessionReading, text: string, since: EpochMs): Promise<Turn | null> {
    if (generation === null) return null
    const asked = { generation, digest: digestOf(text), since: this.#time.theirs(since) }
    const first = await this.#link.call('findTurn', asked)
    const answer = 'turn' in first ? first : await this.#link.call('findTurn', { ...asked, text })
    if (!('turn' in answer))
      throw new AppError('unavailable', `${this.#host.node} did not take the text of a prompt.`)
    return answer.turn && this.#time.turn(answer.turn)
  }

  #readThere(look: Look) {
    const read = this.#host.readThere(look)
    if (!read) throw new Error(`a look at ${look.paneId} that ${this.#host.node} did not take`)
    return read
  }
}
