import type { Project } from '../../core/project.ts'
import { workEvents, workGlyph, workStatuses, type WorkItem, type WorkStatus } from '../../core/work.ts'
import { listProjects } from '../../db/project/read.ts'
import type { Db } from '../../db/schema.ts'
import { kindNames } from '../work-kinds.ts'

/** Projects that a form offers; of more, the addresses say which. */
const offeredProjects = 500

/** As pages show an item: with its glyph, its assignee by name, and where it may be moved. */
export function shownWork(item: WorkItem) {
  return {
    ...item,
    glyph: workGlyph[item.status],
    kindName: kindNames[item.kind],
    assigneeName: item.assignee?.replace(/^\w+:/, '') ?? null,
    mayBecome: statusesFrom(item.status),
  }
}

/** Those that take new work, by name. */
export function openProjects(db: Db): Promise<Project[]> {
  return listProjects(db, { statuses: ['active', 'paused'] }, { limit: offeredProjects })
}

function statusesFrom(status: WorkStatus) {
  const events = Object.entries(workEvents)
  return workStatuses.flatMap((to) => {
    const event = events.find(
      ([, { from, to: leads }]) => leads === to && (from as readonly string[]).includes(status),
    )
    return event ? [{ status: to, glyph: workGlyph[to] }] : []
  })
}
