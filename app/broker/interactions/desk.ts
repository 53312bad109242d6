import { AwayError, isAppError, messageOf } from '../../core/errors.ts'
import type { SessionWish } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import { noteDecision } from '../../db/interaction/advance.ts'
import { liveInteractions } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { refuseWish, waitingWish } from '../../db/interaction/wish.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import type { LiveSession } from '../../core/fleet.ts'
import type { Tools } from '../tools.ts'
import { carryOut, chosenByRule, chosenBySession, type Chosen } from './carry-out.ts'
import { judgeAsk } from './judge.ts'
import { reconcile } from './reconcile.ts'
import { isTooOld, tooOld, whyNotGiven } from './session-wish.ts'

/** What the desk asks the assigner about. */
export interface Surroundings {
  get(key: string): LiveSession | undefined
  settingsOf(session: LiveSession): SessionSettings
  /** A person types there. */
  isTaken(key: string): boolean
  promptOf(key: string): number | null
}

/** After a key of a person in the pane, rules and sessions wait this long: the person may be about to answer. */
const personFirstMs = 3_000
/** A dialog that has waited longer is waiting for a person, who may take all night. */
const watchedForMs = 30_000
/** An answer that could not be given is not tried again before this. */
const againAfterMs = 1_000
/** What waits for a person is looked at again this often, and when somebody wrote to the database. In ms. */
const lookAgainMs = 1_000
const newsWaitsMs = 250

/**
 * Keeps the rows of what sessions ask in step with what they show, and lets rules answer, and sessions where rules
 * leave room. One per assigner; it may be killed at any moment, and the next one takes up what it left.
 */
export class InteractionDesk {
  readonly #tools: Tools
  readonly #around: Surroundings
  readonly #changed = new Set<string>()
  /** Answers under way, by interaction. */
  readonly #giving = new Map<number, Promise<void>>()
  readonly #notBefore = new Map<number, number>()
  #live: StoredInteraction[] = []
  #hasNews = true
  #workedAt = 0

  constructor(tools: Tools, around: Surroundings) {
    this.#tools = tools
    this.#around = around
  }

  /** A session was read anew, or is gone. */
  note({ key }: LiveSession): void {
    this.#changed.add(key)
  }

  /** Somebody wrote to the database: a person may have answered, a rule may have been enabled. */
  noticeNews(): void {
    this.#hasNews = true
  }

  /** Somebody waits for an answer, so that looks have to come quickly. */
  get isBusy(): boolean {
    const since = this.#tools.clock.now() - watchedForMs
    return (
      this.#giving.size > 0 ||
      this.#live.some(({ state, askedAt }) => state === 'answering' || askedAt > since)
    )
  }

  /** Something can have changed: a session shows another thing, somebody wrote to the database, or time passed. */
  get isDue(): boolean {
    for (const key of this.#changed) if (this.#concerns(key)) return true
    const waitsMs = this.#hasNews ? newsWaitsMs : lookAgainMs
    const isWaited = this.#tools.clock.now() - this.#workedAt >= waitsMs
    return isWaited && (this.#hasNews || this.#live.length > 0)
  }

  /** `live`: the rows of this node that are not settled, where they are known; asked of the database otherwise. */
  async work(signal: AbortSignal, live?: StoredInteraction[]): Promise<void> {
    this.#workedAt = this.#tools.clock.now()
    try {
      await this.#workThrough(signal, live)
    } catch (error) {
      if (signal.aborted) return
      this.#hasNews = true
      // What is open there is followed again as soon as the node is heard.
      if (error instanceof AwayError) return
      this.#tools.log.error({ err: error }, `what sessions ask could not be followed: ${messageOf(error)}`)
    }
  }

  async #workThrough(signal: AbortSignal, live?: StoredInteraction[]) {
    const keys = this.#takeChanged()
    const asks = [...keys].some((key) => this.#around.get(key)?.dialog)
    if (!asks && !this.#hasNews && this.#live.length === 0) return
    this.#hasNews = false
    const { database, host } = this.#tools
    this.#live = live ?? (await liveInteractions(database.kysely, host.node))
    for (const { sessionKey } of this.#live) keys.add(sessionKey)
    const concerned = [...keys].filter((key) => this.#concerns(key))
    if (concerned.length === 0) return
    for (const key of concerned) await this.#follow(key)
    this.#live = await liveInteractions(database.kysely, host.node)
    this.#forgetEnded()
    for (const one of this.#live) await this.#consider(one, signal)
  }

  async finish(): Promise<void> {
    await Promise.all(this.#giving.values())
  }

  #forgetEnded() {
    const live = new Set(this.#live.map(({ id }) => id))
    for (const id of this.#notBefore.keys()) if (!live.has(id)) this.#notBefore.delete(id)
  }

  #takeChanged(): Set<string> {
    const keys = new Set(this.#changed)
    this.#changed.clear()
    return keys
  }

  #concerns(key: string): boolean {
    if (this.#around.get(key)?.dialog) return true
    return this.#live.some(({ sessionKey }) => sessionKey === key)
  }

  async #follow(key: string) {
    const rows = this.#live.filter((row) => row.sessionKey === key)
    const session = this.#around.get(key)
    if (rows.length === 0 && !session?.dialog) return
    const isIgnored = session !== undefined && this.#around.settingsOf(session).ignored
    await reconcile(this.#tools, {
      key,
      session,
      isIgnored,
      rows,
      promptId: this.#around.promptOf(key),
      isGiving: (id) => this.#giving.has(id),
    })
  }

  /** A rule answers, or a session whose wish the rules leave room for; everything else waits for a person. */
  async #consider(one: StoredInteraction, signal: AbortSignal) {
    if (await this.#endOld(one)) return
    const session = this.#mayAnswer(one)
    if (!session) return
    const decision = await this.#judge(one, session)
    const ruled = decision && chosenByRule(one, decision)
    if (ruled) return this.#start(one, ruled, signal)
    const wish = waitingWish(one)
    if (wish) return this.#fulfil(one, wish, session, signal)
    if (!decision || isSameDecision(one.decision, decision)) return
    const { database, clock } = this.#tools
    await database.write((db) => noteDecision(db, one.id, decision, clock.now()))
  }

  #judge(one: StoredInteraction, session: LiveSession): Promise<Decision | null> {
    const { database, decide, folders } = this.#tools
    const tier = this.#hasTier(session) ? this.#around.settingsOf(session).tier : null
    const where = { cwd: one.cwd, tier, session: one.sessionName, trusted: session.reading.trusted }
    return judgeAsk(database, one, where, decide, folders)
  }

  /** Who leads a session is settled by its name, which may be another one by now than when it asked. */
  async #fulfil(one: StoredInteraction, wish: SessionWish, session: LiveSession, signal: AbortSignal) {
    const whyNot = async (sessionName: string) => {
      const now = { ...one, sessionName }
      return whyNotGiven(this.#tools.database, now, wish, await this.#judge(now, session))
    }
    const reason = await whyNot(session.pane.sessionName)
    if (reason === null) this.#start(one, chosenBySession(wish, whyNot), signal)
    else await this.#refuse(one, wish, reason)
  }

  /** Also where a person types all the while: what was meant for an earlier moment is not given later. */
  async #endOld(one: StoredInteraction): Promise<boolean> {
    const wish = waitingWish(one)
    if (!wish || !isTooOld(wish, this.#tools.clock.now())) return false
    await this.#refuse(one, wish, tooOld)
    return true
  }

  async #refuse(one: StoredInteraction, wish: SessionWish, reason: string) {
    const { database, clock } = this.#tools
    await database.write((db) => refuseWish(db, one, wish, reason, clock.now()))
    await database.bus.notify('sessions')
  }

  #hasTier(session: LiveSession): boolean {
    return this.#around.settingsOf(session).updatedAt > 0 && this.#around.settingsOf(session).tier !== null
  }

  /** The session, when anybody but a person may answer this now. */
  #mayAnswer(one: StoredInteraction): LiveSession | null {
    if (one.state !== 'open' || this.#giving.has(one.id) || one.screenDigest === null) return null
    const session = this.#around.get(one.sessionKey)
    if (session?.dialog?.digest !== one.screenDigest) return null
    const now = this.#tools.clock.now()
    if ((this.#notBefore.get(one.id) ?? 0) > now || this.#around.isTaken(one.sessionKey)) return null
    const { typedAt } = session.pane
    const typesNow = typedAt !== null && typedAt > one.askedAt && now - typedAt < personFirstMs
    return typesNow ? null : session
  }

  #start(one: StoredInteraction, chosen: Chosen, signal: AbortSignal) {
    const task = carryOut(this.#tools, one, chosen, signal)
      .catch((error: unknown) => {
        if (signal.aborted || isAppError(error, 'conflict')) return
        this.#tools.log.error({ err: error, interaction: one.id }, messageOf(error))
      })
      .finally(() => {
        this.#giving.delete(one.id)
        this.#notBefore.set(one.id, this.#tools.clock.now() + againAfterMs)
        this.#hasNews = true
      })
    this.#giving.set(one.id, task)
  }
}

function isSameDecision(before: Decision | null, now: Decision): boolean {
  return before !== null && before.effect === now.effect && before.reason === now.reason
}
