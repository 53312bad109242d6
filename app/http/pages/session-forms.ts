import { z } from 'zod'
import { listSessions, listSessionSettings } from '../../db/sessions.ts'
import { listSecrets } from '../../db/secret/read.ts'
import { definePage, type Page } from '../page.ts'
import { isRecent } from '../routes/vault/recent-login.ts'
import type { Web } from '../web.ts'

const operates = { role: 'operator', scope: 'sessions' } as const
const tiers = ['worker', 'manager', 'high_level'] as const

/** A new tmux session with an agent in it. */
export const newSessionPage: Page = definePage({
  path: '/sessions/new',
  name: 'session-form',
  area: 'sessions',
  access: operates,
  query: z.object({ node: z.string().max(63).optional().catch(undefined) }),
  async load({ web, query, caller }) {
    const known = await listSecrets(web.database.kysely, { limit: 200 })
    const secrets = known.map(({ name }) => name)
    const asksPassword = !isRecent(caller!, web.clock.now())
    const sessions = await listSessions(web.database.kysely)
    const dirs = [...new Set(sessions.map(({ cwd }) => cwd))].toSorted()
    const kinds = [...web.library.keys()].toSorted()
    const nodes = nodesFor(web, query.node)
    return { title: 'New session', nodes, kinds, tiers, dirs, secrets, asksPassword }
  },
})

/** This machine and every other one that can run sessions; those that are away can't be chosen. */
function nodesFor({ sites, nodes }: Web, chosen = sites.here.host.node) {
  const here = sites.here.host.node
  const others = nodes.watch
    .nodes()
    .filter(({ name, kind, state }) => name !== here && kind === 'agent' && state !== 'revoked')
    .map(({ name }) => name)
    .toSorted((a, b) => order.compare(a, b))
  return [here, ...others].map((name) => ({
    name,
    isAway: sites.find(name)?.awaySince !== null,
    isChosen: name === chosen,
  }))
}

const order = new Intl.Collator('en', { numeric: true })

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
