import { sql } from 'kysely'
import type { PromptId, PromptState } from '../../core/prompt.ts'
import type { Db } from '../schema.ts'
import { listPromptSummaries, type PromptSummary } from './summary.ts'
import { isOnSession } from './on-session.ts'

/** A part as lists show it, so many steps below the one that it belongs to. */
export interface Part extends PromptSummary {
  level: number
}

/** What a prompt delegated, and what that delegated, each directly behind its parent. */
export interface Parts {
  /** The first of them, at most `shownParts`. */
  shown: Part[]
  /** All of them, by their states. */
  states: PromptState[]
}

/** More of one prompt stand on its own page. */
const shownParts = 25
/** Of one list together; what is beyond is not counted. */
const mostParts = 2_000

interface Found {
  id: PromptId
  parent: PromptId
  top: PromptId
  level: number
  state: PromptState
}

/** The parts of these prompts that are in one of `states` and with that session, as far as they hang together. */
export async function partsOf(
  db: Db,
  tops: readonly PromptId[],
  filter: { states?: readonly PromptState[]; sessionName?: string },
): Promise<Map<PromptId, Parts>> {
  if (tops.length === 0) return new Map()
  const found = await findParts(db, tops, filter)
  if (found.length === 0) return new Map()
  const byTop = grouped(found, ({ top }) => top)
  const chosen = [...byTop].map(([top, parts]) => [top, inOrder(parts, top).slice(0, shownParts)] as const)
  const ids = chosen.flatMap(([, parts]) => parts.map(({ id }) => id))
  const summaries = await listPromptSummaries(db, { ids, limit: ids.length })
  const byId = new Map(summaries.map((summary) => [summary.id, summary]))
  return new Map(
    chosen.map(([top, parts]) => [
      top,
      {
        shown: parts.flatMap(({ id, level }) => {
          const summary = byId.get(id)
          return summary ? [{ ...summary, level }] : []
        }),
        states: byTop.get(top)!.map(({ state }) => state),
      },
    ]),
  )
}

async function findParts(
  db: Db,
  tops: readonly PromptId[],
  { states, sessionName }: { states?: readonly PromptState[]; sessionName?: string },
): Promise<Found[]> {
  const inStates = states ? sql`and p.state in (${sql.join([...states])})` : sql``
  const withSession = sessionName === undefined ? sql`` : sql`and ${isOnSession('p', sessionName)}`
  const { rows } = await sql<Found>`
    with recursive parts(id, parent, top, level, state) as (
      select p.id, p.parent_id, p.parent_id, 1, p.state from prompts p
        where p.parent_id in (${sql.join([...tops])}) ${inStates} ${withSession}
      union all
      select p.id, p.parent_id, parts.top, parts.level + 1, p.state
        from prompts p join parts on p.parent_id = parts.id where true ${inStates} ${withSession}
    )
    select id, parent, top, level, state from parts order by id limit ${mostParts}`.execute(db)
  return rows
}

function inOrder(parts: readonly Found[], top: PromptId): Found[] {
  const below = grouped(parts, ({ parent }) => parent)
  const walk = (id: PromptId): Found[] => (below.get(id) ?? []).flatMap((part) => [part, ...walk(part.id)])
  return walk(top)
}

function grouped(parts: readonly Found[], by: (part: Found) => PromptId): Map<PromptId, Found[]> {
  const groups = new Map<PromptId, Found[]>()
  for (const part of parts) {
    const group = groups.get(by(part))
    if (group) group.push(part)
    else groups.set(by(part), [part])
  }
  return groups
}
