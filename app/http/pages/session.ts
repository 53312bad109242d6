import { z } from 'zod'
import { AppError, isAppError } from '../../core/errors.ts'
import { paneKey, type Pane } from '../../core/host.ts'
import { getSessionSettings, listSessions, type StoredSession } from '../../db/sessions.ts'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { eventsOfSession } from '../../db/timeline.ts'
import type { Db } from '../../db/schema.ts'
import { definePage, type Page } from '../page.ts'
import { keyOfPath, sessionPath } from '../session-path.ts'
import { timeLineOf } from '../time-line.ts'
import type { Web } from '../web.ts'
import { cardOf } from './sessions.ts'

const params = z.object({ node: z.string().max(100), server: z.string().max(300), pane: z.string().max(20) })

type Address = z.infer<typeof params>

const dayMs = 86_400_000
/** Those in words; the line shows more. */
const shownEvents = 60

/** One session: its terminal, what it did lately, and what people settled about it. */
export const sessionPage: Page = definePage({
  path: '/sessions/:node/:server/:pane',
  name: 'session',
  area: 'sessions',
  topics: ['sessions', 'prompts'],
  params,
  async load({ web, params }) {
    const db = web.database.kysely
    const session = await sessionOrStarting(web, params)
    const now = web.clock.now()
    const [settings, prompts, seen] = await Promise.all([
      getSessionSettings(db, session.node, session.name),
      listPromptSummaries(db, { sessionName: `${session.node}/${session.name}`, limit: 20 }),
      eventsOfSession(db, session.key, { from: now - dayMs, to: now }),
    ])
    return {
      title: session.name,
      session: cardOf(session, [], settings ? [settings] : [], prompts),
      prompts,
      events: seen.slice(-shownEvents).toReversed(),
      line: timeLineOf({ session, events: seen, prompts }, now),
    }
  },
})

/** Why the session is read as it is. */
export const explainPage: Page = definePage({
  path: '/sessions/:node/:server/:pane/explain',
  name: 'explain',
  area: 'sessions',
  topics: ['sessions'],
  params,
  async load({ web, params }) {
    const session = await sessionAt(web.database.kysely, params)
    return {
      title: `Why ${session.name} is ${session.state}`,
      session,
      path: sessionPath(session),
      reading: await readNow(),
    }

    async function readNow() {
      const site = web.sites.find(session.node)
      if (!site) return null
      try {
        return site.reader.read(await site.host.look({ server: session.server, paneId: session.paneId }))
      } catch (error) {
        if (isAppError(error, 'not_found') || isAppError(error, 'unavailable')) return null
        throw error
      }
    }
  },
})

/** How the assigner is to treat it. */
export const sessionSettingsPage: Page = definePage({
  path: '/sessions/:node/:server/:pane/settings',
  name: 'session-settings',
  area: 'sessions',
  access: { role: 'operator', scope: 'sessions' },
  params,
  async load({ web, params }) {
    const db = web.database.kysely
    const session = await sessionAt(db, params)
    const settings = await getSessionSettings(db, session.node, session.name)
    const names = new Set((await listSessions(db)).map(({ name }) => name))
    names.delete(session.name)
    const title = `Settings of ${session.name}`
    return { title, session, settings, others: [...names], path: sessionPath(session) }
  },
})

/** A pane that no agent was seen in yet: one that has just been created, which may need a person first. */
async function sessionOrStarting(web: Web, params: Address): Promise<StoredSession> {
  try {
    return await sessionAt(web.database.kysely, params)
  } catch (error) {
    const pane = isAppError(error, 'not_found') && (await paneAt(web, params))
    if (pane) return startingSession(web, params.node, pane)
    throw error
  }
}

async function paneAt({ sites }: Web, params: Address): Promise<Pane | undefined> {
  const panes = (await sites.find(params.node)?.host.list()) ?? []
  return panes.find((pane) => `${params.node}/${paneKey(pane)}` === keyOfPath(params))
}

function startingSession({ clock }: Web, node: string, pane: Pane): StoredSession {
  const { server, paneId, sessionName: name, address, path: cwd, title } = pane
  const now = clock.now()
  const unknown = { agent: null, version: null, generation: null, limitedUntil: null, promptId: null }
  const reading = { state: 'not_agent', acceptsPrompt: false, draft: false, trusted: true, rule: '' } as const
  const times = { since: now, typedAt: null, seenAt: now }
  const key = `${node}/${paneKey(pane)}`
  return { key, node, server, paneId, name, address, cwd, title, ...unknown, ...reading, ...times }
}

async function sessionAt(db: Db, params: Address): Promise<StoredSession> {
  const key = keyOfPath(params)
  const session = (await listSessions(db, { gone: true })).find((each) => each.key === key)
  if (!session) throw new AppError('not_found', `There is no session ${key}; it may have ended days ago.`)
  return session
}
