import { dirname } from 'node:path'
import type { Target } from '../core/prompt.ts'
import { compileOnce } from './hot.ts'
import type { Db } from './schema.ts'

/** What a session answers to: everything by which a prompt may be meant for it. */
export interface RoutedSession {
  /** `session:NAME` for each name that means this pane alone (`sessionRoutes`), and any other route. */
  routes: readonly string[]
  node: string
  agent: string
  /** The model provider, where it is known; `target.agent` may name it. */
  provider?: string | null
  tier: string
  tags: readonly string[]
  /** Absolute working folder. */
  dir: string
  /** `node/name` of the session that leads it. */
  manager?: string | null
  /** Takes prompts that are for anyone. */
  allowUntargeted: boolean
}

/** The most selective field of a target: `session:web`, `dir:/x`, `tag:x`, `agent:x`, `tier:x`, `manager:x`, `node:x`, `any`. */
export function routeOf(target: Target): string {
  const field = bySelectivity.find((name) => target[name] !== undefined)
  if (!field) return 'any'
  return `${field}:${field === 'dir' ? normalDir(target.dir!) : target[field]}`
}

/** Every route on which a prompt for this session can wait: its names, folder and all above it, tags, … */
export function routesOf(session: RoutedSession): string[] {
  const { routes, node, agent, provider, tier, tags, dir, manager, allowUntargeted } = session
  return [
    ...routes,
    ...foldersAbove(normalDir(dir)).map((folder) => `dir:${folder}`),
    ...tags.map((tag) => `tag:${tag}`),
    `agent:${agent}`,
    ...(provider ? [`agent:${provider}`] : []),
    `tier:${tier}`,
    ...(manager ? [`manager:${manager}`] : []),
    `node:${node}`,
    ...(allowUntargeted ? ['any'] : []),
  ]
}

/** The routes of a session's names: `web`, `web:0.1`, `%7`, each also with the node before it. */
export function sessionRoutes(node: string, names: readonly string[]): string[] {
  return names.flatMap((name) => [`session:${name}`, `session:${node}/${name}`])
}

/** The id of the target's row, made when nobody had this target before. */
export async function targetId(db: Db, target: Target): Promise<number> {
  const key = keyOf(target)
  const known = await findTarget(db, { key })
  if (known[0]) return known[0].id
  const { session, agent, tier, tag, dir, node, manager } = target
  await db
    .insertInto('targets')
    .values({
      key,
      route: routeOf(target),
      session: session ?? null,
      agent: agent ?? null,
      tier: tier ?? null,
      tag: tag ?? null,
      dir: dir === undefined ? null : normalDir(dir),
      node: node ?? null,
      manager: manager ?? null,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  const made = await findTarget(db, { key })
  return made[0]!.id
}

const bySelectivity = ['session', 'dir', 'manager', 'tag', 'agent', 'tier', 'node'] as const

const findTarget = compileOnce((db, p: { key: string }) =>
  db.selectFrom('targets').select('id').where('key', '=', p.key),
)

function keyOf(target: Target): string {
  const { session, dir, tag, agent, tier, node, manager } = target
  const fields = [session, dir === undefined ? undefined : normalDir(dir), tag, agent, tier, node]
  // Rows from before there were managers have six fields.
  return JSON.stringify(manager === undefined ? fields : [...fields, manager])
}

function normalDir(dir: string): string {
  return dir.length > 1 ? dir.replace(/\/+$/, '') || '/' : dir
}

function foldersAbove(dir: string): string[] {
  const above = dirname(dir)
  return above === dir ? [dir] : [dir, ...foldersAbove(above)]
}
