import { z } from 'zod'
import type { Config } from '../../config.ts'
import { messageOf } from '../../core/errors.ts'
import { runningInstance } from '../../single-instance.ts'
import { packageVersion } from '../../version.ts'
import { defineRoute, type Route } from '../route.ts'
import type { Web } from '../web.ts'

const partSchema = z.object({ ok: z.boolean(), reason: z.string() })
type Part = z.infer<typeof partSchema>

export const healthRoute: Route = defineRoute({
  method: 'get',
  path: '/health',
  tag: 'System',
  summary: 'Whether dashboard, database, assigner and tmux work, each with a reason',
  access: 'public',
  reply: z.object({
    status: z.enum(['healthy', 'degraded']),
    version: z.string(),
    dashboard: partSchema,
    database: partSchema,
    assigner: partSchema,
    tmux: partSchema,
  }),
  handle: ({ web }) => lastHealth(web),
})

/** Everybody may ask, and to look is work for tmux and the disk: an answer is good for this long, in ms. */
const goodForMs = 1_000

function lastHealth(web: Web): ReturnType<typeof healthOf> {
  const known = kept.get(web.config)
  if (known && performance.now() < known.until) return known.health
  // However long the look takes, it is the only one.
  const made = { until: Infinity, health: healthOf(web) }
  kept.set(web.config, made)
  return made.health.finally(() => (made.until = performance.now() + goodForMs))
}

const kept = new WeakMap<Config, { until: number; health: ReturnType<typeof healthOf> }>()

async function healthOf(web: Web) {
  const [database, tmux] = await Promise.all([databaseHealth(web), tmuxHealth(web)])
  const assigner = assignerHealth(web)
  const isHealthy = database.ok && tmux.ok && assigner.ok
  return {
    status: isHealthy ? ('healthy' as const) : ('degraded' as const),
    version: packageVersion(),
    dashboard: { ok: true, reason: `up since ${new Date(web.startedAt).toISOString()}` },
    database,
    assigner,
    tmux,
  }
}

async function databaseHealth({ database }: Web): Promise<Part> {
  try {
    await database.kysely.selectFrom('controls').select('id').executeTakeFirst()
    return { ok: true, reason: `${database.dialect} answers` }
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}

async function tmuxHealth({ host }: Web): Promise<Part> {
  try {
    const panes = await host.list()
    return { ok: true, reason: `${panes.length} panes on ${host.node}` }
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}

function assignerHealth({ config }: Web): Part {
  try {
    const instance = runningInstance(config.dataDir, 'assigner')
    return instance
      ? { ok: true, reason: `runs as pid ${instance.pid}` }
      : { ok: false, reason: 'not running; ./deploy.sh starts it' }
  } catch (error) {
    return { ok: false, reason: messageOf(error) }
  }
}
