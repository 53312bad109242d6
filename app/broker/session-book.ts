import type { EpochMs } from '../core/clock.ts'
import type { SessionSettings } from '../db/session-settings.ts'
import { listSessions, markGone, notePastState, saveSession, type StoredSession } from '../db/sessions.ts'
import type { LiveSession, PastState } from '../core/fleet.ts'
import type { Tools } from './tools.ts'

/** A row is written when something that people act on changed; its other fields follow this seldom, in ms. */
const refreshRowMs = 15 * 60_000

/** What people settled for sessions, and the panes that they type into; of every node. */
export interface PeoplesWord {
  /** By node and session name. */
  settings: ReadonlyMap<string, ReadonlyMap<string, SessionSettings>>
  taken: ReadonlySet<string>
}

/** What the database says of all nodes, sorted once for as many of them as there are. */
export function peoplesWord(settings: readonly SessionSettings[], taken: ReadonlySet<string>): PeoplesWord {
  const byNode = new Map<string, Map<string, SessionSettings>>()
  for (const one of settings) {
    const own = byNode.get(one.node) ?? new Map<string, SessionSettings>()
    byNode.set(one.node, own.set(one.name, one))
  }
  return { settings: byNode, taken }
}

/** Writes what changed in all of them, in one transaction; nothing at all when nothing did. */
export async function flushBooks(
  { database, clock }: Pick<Tools, 'database' | 'clock'>,
  books: readonly SessionBook[],
): Promise<void> {
  const changed = books.filter((book) => book.isChanged)
  if (changed.length === 0) return
  const pages = changed.map((book) => book.page())
  await database.write(async (db) => {
    for (const { rows, gone } of pages) {
      for (const row of rows) await saveSession(db, row)
      for (const key of gone) await markGone(db, key, clock.now())
    }
  })
  for (const [index, book] of changed.entries()) book.noteWritten(pages[index]!)
}

/** What of one node is not in the database yet. */
interface Page {
  sessions: readonly LiveSession[]
  rows: readonly StoredSession[]
  gone: readonly string[]
}

/** What the database knows of a node's sessions: their rows, written only when they changed, and people's settings. */
export class SessionBook {
  readonly #tools: Tools
  #settings: ReadonlyMap<string, SessionSettings> = new Map()
  readonly #written = new Map<string, { print: string; at: EpochMs }>()
  readonly #changed = new Map<string, LiveSession>()
  readonly #gone = new Set<string>()
  readonly #prompts = new Map<string, number>()
  #taken: ReadonlySet<string> = new Set()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** Sessions that an earlier assigner left behind count as gone until they are seen again. */
  async open(): Promise<void> {
    const { database, host } = this.#tools
    const left = await listSessions(database.kysely, { node: host.node })
    // A node that is heard at once has told of some while they were read.
    const isTold = (key: string) => this.#changed.has(key) || this.#written.has(key)
    for (const { key } of left) if (!isTold(key)) this.#gone.add(key)
  }

  hear({ settings, taken }: PeoplesWord): void {
    this.#taken = taken
    this.#settings = settings.get(this.#tools.host.node) ?? noSettings
  }

  /** A discovered session without settings is a worker that takes whatever comes. */
  settingsOf(session: LiveSession): SessionSettings {
    return this.#settings.get(session.pane.sessionName) ?? defaultSettings(this.#tools.host.node, session)
  }

  isTaken(key: string): boolean {
    return this.#taken.has(key)
  }

  /** The prompt that a session works on; null when it works on none of ours. */
  promptOf(key: string): number | null {
    return this.#prompts.get(key) ?? null
  }

  note(session: LiveSession): void {
    this.#gone.delete(session.key)
    const written = this.#written.get(session.key)
    const isFresh = written !== undefined && session.at - written.at < refreshRowMs
    const isWritten = isFresh && written.print === printOf(session, this.#prompts.get(session.key))
    // What is being written at this moment may be another state.
    if (isWritten && !this.#changed.has(session.key)) return
    this.#changed.set(session.key, session)
  }

  /** Written at once: its node forgets it then. */
  async notePast(past: readonly PastState[]): Promise<void> {
    await this.#tools.database.write(async (db) => {
      for (const one of past) await notePastState(db, one)
    })
  }

  noteGone(session: LiveSession): void {
    this.#changed.delete(session.key)
    this.#written.delete(session.key)
    this.#gone.add(session.key)
  }

  /** Which prompt a session works on, shown with the session; null when it works on none of ours. */
  notePrompt(session: LiveSession | undefined, key: string, promptId: number | null): void {
    if (promptId === null) this.#prompts.delete(key)
    else this.#prompts.set(key, promptId)
    if (session) this.#changed.set(key, session)
  }

  get isChanged(): boolean {
    return this.#changed.size + this.#gone.size > 0
  }

  page(): Page {
    const sessions = [...this.#changed.values()]
    return { sessions, rows: sessions.map((session) => this.#rowOf(session)), gone: [...this.#gone] }
  }

  /** What changed while it was written stays to be written. */
  noteWritten({ sessions, rows, gone }: Page): void {
    for (const [index, session] of sessions.entries()) {
      const { key, at } = session
      const { promptId } = rows[index]!
      const newest = this.#changed.get(key)
      if (newest === undefined) continue
      this.#written.set(key, { print: printOf(session, promptId ?? undefined), at })
      if (newest === session && this.promptOf(key) === promptId) this.#changed.delete(key)
    }
    for (const key of gone) this.#gone.delete(key)
  }

  #rowOf({ key, pane, reading, at, since }: LiveSession): StoredSession {
    return {
      key,
      node: this.#tools.host.node,
      server: pane.server,
      paneId: pane.paneId,
      name: pane.sessionName,
      address: pane.address,
      agent: reading.agent,
      version: reading.version,
      generation: reading.generation,
      state: reading.state,
      since,
      acceptsPrompt: reading.acceptsPrompt,
      draft: reading.draft,
      trusted: reading.trusted,
      limitedUntil: reading.limitedUntil,
      cwd: reading.cwd,
      title: pane.title,
      rule: reading.rule,
      typedAt: pane.typedAt,
      promptId: this.#prompts.get(key) ?? null,
      seenAt: at,
    }
  }
}

const noSettings: ReadonlyMap<string, SessionSettings> = new Map()

/** What people act on; a title that spins is not part of it. */
function printOf({ pane, reading, since }: LiveSession, promptId: number | undefined): string {
  const { agent, version, generation, state, acceptsPrompt, draft, trusted, limitedUntil, cwd, rule } =
    reading
  const where = [pane.sessionName, pane.address, cwd, promptId]
  return JSON.stringify([
    agent,
    version,
    generation,
    state,
    acceptsPrompt,
    draft,
    trusted,
    limitedUntil,
    rule,
    since,
    where,
  ])
}

function defaultSettings(node: string, { pane }: LiveSession): SessionSettings {
  return {
    node,
    name: pane.sessionName,
    tier: 'worker',
    tags: [],
    paused: false,
    ignored: false,
    manager: null,
    createdBy: null,
    agent: null,
    dir: null,
    updatedAt: 0,
  }
}
