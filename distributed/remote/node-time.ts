import type { SessionReading } from '../../app/core/agent.ts'
import type { Clock, EpochMs } from '../../app/core/clock.ts'
import type { LiveSession, PastState } from '../../app/core/fleet.ts'
import type { HookMessage } from '../../app/core/hook.ts'
import type { Look, Pane } from '../../app/core/host.ts'
import type { Turn } from '../../app/core/turn.ts'
import type { NodeLink } from './link.ts'

/** Of so many questions the one that was answered the quickest tells the most. */
const asks = 3

/** A node's clock against ours: every time that it tells is reckoned over, so that its clock may be wrong by hours. */
export class NodeTime {
  readonly #clock: Clock
  #aheadMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be asked again with each connection: clocks are set meanwhile. */
  async learn(link: Pick<NodeLink, 'call'>): Promise<void> {
    let best = Infinity
    for (let ask = 0; ask < asks; ask += 1) {
      const before = this.#clock.now()
      const theirs = await link.call('time', {})
      const after = this.#clock.now()
      if (after - before >= best) continue
      best = after - before
      this.#aheadMs = theirs - (before + after) / 2
    }
  }

  /** Our time, in the node's. */
  theirs(at: EpochMs): EpochMs {
    return at + Math.round(this.#aheadMs)
  }

  ours<At extends EpochMs | null>(at: At): At
  ours(at: EpochMs | null): EpochMs | null {
    return at === null ? null : at - Math.round(this.#aheadMs)
  }

  pane<Kind extends Pane>(pane: Kind): Kind {
    return { ...pane, activityAt: this.ours(pane.activityAt), typedAt: this.ours(pane.typedAt) }
  }

  look(look: Look): Look {
    return { ...this.pane(look), at: this.ours(look.at) }
  }

  reading(reading: SessionReading): SessionReading {
    const evidence = reading.evidence.map((piece) => ({ ...piece, at: this.ours(piece.at) }))
    return { ...reading, limitedUntil: this.ours(reading.limitedUntil), evidence }
  }

  session(session: LiveSession): LiveSession {
    const { pane, reading, at, aliveAt, since, quietSince } = session
    return {
      ...session,
      pane: this.pane(pane),
      reading: this.reading(reading),
      at: this.ours(at),
      aliveAt: this.ours(aliveAt),
      since: this.ours(since),
      quietSince: this.ours(quietSince),
    }
  }

  past(past: PastState): PastState {
    return { ...past, at: this.ours(past.at) }
  }

  turn(turn: Turn): Turn {
    return {
      ...turn,
      promptSeenAt: this.ours(turn.promptSeenAt),
      endedAt: this.ours(turn.endedAt),
      limitedUntil: this.ours(turn.limitedUntil),
    }
  }

  hookMessage(message: HookMessage): HookMessage {
    return { ...message, at: this.ours(message.at) }
  }
}
