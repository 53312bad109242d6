import { z } from 'zod'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { listSessions } from '../../db/sessions.ts'
import { findAll } from '../find.ts'
import { isLocalPath } from '../redirect.ts'
import { definePage, type Page } from '../page.ts'
import { sessionPath } from '../session-path.ts'
import { loadShell } from '../shell.ts'

const notices: Record<string, string> = {
  ended: 'Your login has ended. Log in again to go on where you were.',
  'logged-out': 'You are logged out.',
  password: 'The password is changed. Log in with the new one.',
}

/** Works without JavaScript. */
export const loginPage: Page = definePage({
  path: '/login',
  name: 'login',
  area: 'none',
  access: 'public',
  query: z.object({
    next: z.string().max(2_000).optional().catch(undefined),
    notice: z.enum(Object.keys(notices)).optional().catch(undefined),
    ended: z.string().optional().catch(undefined),
  }),
  load: ({ query, caller }) => {
    const notice = notices[query.ended === undefined ? (query.notice ?? '') : 'ended'] ?? null
    const next = query.next !== undefined && isLocalPath(query.next) ? query.next : '/'
    return Promise.resolve({ title: 'Log in', next, notice, failure: null, isLoggedIn: caller !== null })
  },
})

/** Every key that does something. */
export const keysPage: Page = definePage({
  path: '/keys',
  name: 'keys',
  area: 'none',
  load: () => Promise.resolve({ title: 'Keyboard' }),
})

const shown = 8

/** What the palette finds. */
export const searchPage: Page = definePage({
  path: '/search',
  name: 'search',
  area: 'none',
  query: z.object({ q: z.string().trim().max(200).catch('') }),
  async load({ web, query: { q } }) {
    const db = web.database.kysely
    const words = q.toLowerCase().split(/\s+/).filter(Boolean)
    const sessions = (await listSessions(db)).filter((session) => {
      const text = `${session.name} ${session.address} ${session.agent ?? ''} ${session.cwd}`.toLowerCase()
      return words.length > 0 && words.every((word) => text.includes(word))
    })
    return {
      title: 'Search',
      q,
      sessions: sessions.slice(0, shown).map((session) => ({ ...session, path: sessionPath(session) })),
      found: await findAll(db, q, { limit: 2 * shown }),
      // A number is no word of a text.
      prompts: /^#?\d+$/.test(q) ? await listPromptSummaries(db, { search: q, limit: shown }) : [],
    }
  },
})

/** What stands around every page, alone, so that it is kept current as any other panel. */
export const shellPage: Page = definePage({
  path: '/shell',
  name: 'shell',
  area: 'none',
  topics: ['queue', 'processes', 'prompts', 'sessions'],
  load: async ({ web, caller }) => ({ title: 'State', ...(await loadShell(web, { caller })) }),
})
