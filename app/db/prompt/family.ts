import { sql } from 'kysely'
import { AppError } from '../../core/errors.ts'
import { endStates, type PromptId, type PromptState, type Target } from '../../core/prompt.ts'
import { dialectOf } from '../dialect.ts'
import type { Db } from '../schema.ts'

/** How far work may be passed on, and into how many parts. */
export interface FamilyLimits {
  /** 1: a prompt may have children, and these none. */
  depth: number
  /** Children of one prompt that have not ended. */
  openChildren: number
  /** Children of one prompt altogether. */
  children: number
}

/** Where the hierarchy's rules say nothing else. */
export const defaultFamilyLimits: FamilyLimits = { depth: 5, openChildren: 50, children: 1_000 }

export const noFamily = { depth: 0 }

/**
 * Checks that a prompt may have one more child, and locks it against ending until the child stands beside it.
 * Throws `invalid` without such a prompt, `conflict` when it is over, too deep, has too many children, or when
 * the child is meant for a session that has the prompt or one above it.
 */
export async function joinFamily(
  db: Db,
  parent: PromptId,
  target: Target | undefined,
  limits: FamilyLimits,
): Promise<{ depth: number }> {
  const [own, ...above] = await ancestry(db, parent)
  if (!own) throw new AppError('invalid', `There is no prompt ${parent} that this could be a part of.`)
  if ((endStates as readonly PromptState[]).includes(own.state)) {
    throw new AppError('conflict', `Prompt ${own.id} is ${own.state}: nothing can be added to it any more.`)
  }
  if (own.depth + 1 > limits.depth) {
    throw new AppError(
      'conflict',
      `Prompt ${own.id} is passed on ${own.depth} times already, and ${limits.depth} is the most ` +
        '(delegation.depth). Do this part yourself.',
    )
  }
  refuseCircle(target?.session, [own, ...above])
  await refuseCrowd(db, own.id, limits)
  return { depth: own.depth + 1 }
}

type Ancestor = { id: PromptId; state: PromptState; depth: number; session_name: string | null; node: string }

/** The prompt itself first, locked, then those above it. */
async function ancestry(db: Db, id: PromptId): Promise<Ancestor[]> {
  const line: Ancestor[] = []
  for (let next: PromptId | null = id; next !== null && line.length <= farthest;) {
    const row: AncestorRow | undefined = await oneAbove(db, next, line.length === 0)
    if (!row) break
    const { parent_id, session_key, ...rest } = row
    line.push({ ...rest, node: session_key?.split('/')[0] ?? '' })
    next = parent_id
  }
  return line
}

type AncestorRow = Omit<Ancestor, 'node'> & { session_key: string | null; parent_id: PromptId | null }

function oneAbove(db: Db, id: PromptId, isLocked: boolean): Promise<AncestorRow | undefined> {
  const query = db
    .selectFrom('prompts')
    .select(['id', 'state', 'depth', 'session_name', 'session_key', 'parent_id'])
    .where('id', '=', id)
  return (isLocked && dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
}

/** Deeper than any limit that may be set. */
const farthest = 100

function refuseCircle(session: string | undefined, line: Ancestor[]) {
  if (session === undefined) return
  const circle = line.find(({ session_name, node }) =>
    session_name === null ? false : [session_name, `${node}/${session_name}`].includes(session),
  )
  if (!circle) return
  const names = line.slice(0, line.indexOf(circle) + 1).map(({ session_name }) => session_name)
  const path = [...names.toReversed(), session].join(' → ')
  throw new AppError(
    'conflict',
    `${session} has prompt ${circle.id}, of which this would be a part: ${path} is a circle. ` +
      'Choose another session, or do it yourself.',
  )
}

async function refuseCrowd(db: Db, id: PromptId, limits: FamilyLimits) {
  const counts = await db
    .selectFrom('prompts')
    .select((eb) => [
      eb.fn.countAll<number>().as('all'),
      sql<number>`coalesce(sum(case when state in ('completed', 'failed', 'cancelled') then 0 else 1 end), 0)`.as(
        'open',
      ),
    ])
    .where('parent_id', '=', id)
    .executeTakeFirstOrThrow()
  if (counts.open >= limits.openChildren) {
    throw new AppError(
      'conflict',
      `Prompt ${id} has ${counts.open} open parts, and that is the most (delegation.open_children). ` +
        'Wait for one of them, or cancel one.',
    )
  }
  if (counts.all >= limits.children) {
    throw new AppError(
      'conflict',
      `Prompt ${id} has been split into ${counts.all} parts, and that is the most (delegation.children).`,
    )
  }
}
