import type { SessionReading } from '../../app/core/agent.ts'
import type { Clock, EpochMs } from '../../app/core/clock.ts'
import type { LiveSession, PastState } from '../../app/core/fleet.ts'
import type { HookMessage } from '../../app/core/hook.ts'
import type { Look, Pane } from '../../app/core/host.ts'
import type { Turn } from '../../app/core/turn.ts'
import type { NodeLink } from './link.ts'

/** Of so many questions the one that was answered the quickest tells the most. */
const asks = 3
/** A node's word on the time may be off by this and more of the way: the clock was not set. */
const slackMs = 2_000
/** Clocks are set seldom; so many settings are remembered. */
const mostSettings = 16

/** How far the node's clock was ahead of ours, from a moment of ours on. */
interface Setting {
  from: EpochMs
  aheadMs: number
}

/** A node's clock against ours: every time that it tells is reckoned over, so that its clock may be wrong by hours. */
export class NodeTime {
  readonly #clock: Clock
  /** The newest last. */
  readonly #settings: Setting[] = [{ from: 0, aheadMs: 0 }]

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be asked again with each connection: clocks are set meanwhile. */
  async learn(link: Pick<NodeLink, 'call'>): Promise<void> {
    let best = Infinity
    let aheadMs = 0
    for (let ask = 0; ask < asks; ask += 1) {
      const before = this.#clock.now()
      const theirs = await link.call('time', {})
      const after = this.#clock.now()
      if (after - before >= best) continue
      best = after - before
      aheadMs = Math.round(theirs - (before + after) / 2)
    }
    this.#note({ from: this.#clock.now(), aheadMs })
  }

  /** Learns anew when one of both clocks was set: `at` is what the node said of a moment since `asked`. */
  async keepUp(link: Pick<NodeLink, 'call'>, at: EpochMs, asked: EpochMs): Promise<void> {
    const ours = this.ours(at)
    if (ours < asked - slackMs || ours > this.#clock.now() + slackMs) await this.learn(link)
  }

  /**
   * Our time, in the node's: nothing that was noted there since is before it. What was written before its clock was
   * set bears the time that it showed then.
   */
  theirs(at: EpochMs): EpochMs {
    const sinceThen = this.#settings.filter(
      (_one, index) => (this.#settings[index + 1]?.from ?? Infinity) > at,
    )
    return at + Math.min(...sinceThen.map(({ aheadMs }) => aheadMs))
  }

  ours<At extends EpochMs | null>(at: At): At
  ours(at: EpochMs | null): EpochMs | null {
    return at === null ? null : at - this.#aheadMs
  }

  get now(): EpochMs {
    return this.#clock.now()
  }

  get #aheadMs(): number {
    return this.#settings.at(-1)!.aheadMs
  }

  #note(setting: Setting) {
    const isSame = Math.abs(setting.aheadMs - this.#aheadMs) < slackMs && this.#settings.length > 1
    if (isSame) this.#settings.at(-1)!.aheadMs = setting.aheadMs
    // Of what was before the first one nothing is known.
    else if (this.#settings.length === 1) this.#settings.push({ ...setting, from: 0 })
    else this.#settings.push(setting)
    if (this.#settings.length > mostSettings) this.#settings.shift()
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
