import { homedir } from 'node:os'
import { listSessions, listSessionSettings } from '../../db/sessions.ts'
import { definePage, type Page } from '../page.ts'

const operates = { role: 'operator', scope: 'sessions' } as const
const tiers = ['worker', 'manager', 'high_level'] as const

/** A new tmux session with an agent in it. */
export const newSessionPage: Page = definePage({
  path: '/sessions/new',
  name: 'session-form',
  area: 'sessions',
  access: operates,
  async load({ web }) {
    const sessions = await listSessions(web.database.kysely)
    const dirs = [...new Set(sessions.map(({ cwd }) => cwd))].toSorted()
    const kinds = [...web.library.keys()].toSorted()
    return { title: 'New session', node: web.host.node, kinds, tiers, dirs, home: homedir() }
  },
})

/** One message to several sessions. */
export const broadcastPage: Page = definePage({
  path: '/sessions/broadcast',
  name: 'broadcast',
  area: 'sessions',
  access: { role: 'operator', scope: 'prompts' },
  async load({ web }) {
    const [sessions, settings] = await Promise.all([
      listSessions(web.database.kysely),
      listSessionSettings(web.database.kysely),
    ])
    return {
      title: 'Broadcast',
      total: sessions.length,
      agents: [...new Set(sessions.flatMap(({ agent }) => agent ?? []))].toSorted(),
      tags: [...new Set(settings.flatMap(({ tags }) => tags))].toSorted(),
    }
  },
})
