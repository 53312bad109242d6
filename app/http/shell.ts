import type { BudgetReading } from '../core/limits.ts'
import { budgetToday } from '../broker/budget.ts'
import type { Request } from 'express'
import { getControls, type Controls } from '../db/controls.ts'
import { countNeeds } from '../db/needs.ts'
import { assignerRuns } from './assigner-runs.ts'
import type { Web } from './web.ts'

/** What stands around every page: the state of the whole, and who looks at it. */
export interface Shell {
  controls: Controls
  assignerRuns: boolean
  needsCount: number
  budgetToday: BudgetReading
}

export async function loadShell(web: Web, { caller }: Pick<Request, 'caller'>): Promise<Shell | object> {
  if (!caller) return {}
  const db = web.database.kysely
  const [controls, needsCount, today] = await Promise.all([
    getControls(db),
    countNeeds(db),
    budgetToday(db, web.clock.now()),
  ])
  return { controls, assignerRuns: assignerRuns(web), needsCount, budgetToday: today.reading }
}
