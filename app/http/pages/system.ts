import { listProcesses } from '../../db/processes.ts'
import { spentPerSlot, type SpentSlot } from '../../db/figures.ts'
import { packageVersion } from '../../version.ts'
import { assignerRuns } from '../assigner-runs.ts'
import { definePage, type Page } from '../page.ts'
import { settingsTabs } from './settings.ts'

const dayMs = 86_400_000
const shownDays = 30

/** What runs, and how much is kept of what. */
export const systemPage: Page = definePage({
  path: '/settings/system',
  name: 'system',
  area: 'settings',
  topics: ['processes', 'queue'],
  async load({ web, caller }) {
    const processes = await listProcesses(web.database.kysely)
    return {
      title: 'System',
      tabs: settingsTabs(caller, 'system'),
      processes,
      assigner: assignerRuns(web),
      version: packageVersion(),
      startedAt: web.startedAt,
      dialect: web.database.dialect,
      dataDir: web.config.dataDir,
      node: web.config.node,
    }
  },
})

/** Tokens and cost per day. */
export const usagePage: Page = definePage({
  path: '/settings/usage',
  name: 'usage',
  area: 'settings',
  topics: ['prompts'],
  async load({ web, caller }) {
    const now = web.clock.now()
    const since = new Date(now).setHours(0, 0, 0, 0) - (shownDays - 1) * dayMs
    const spent = await spentPerSlot(web.database.kysely, since, dayMs)
    return {
      title: 'Tokens and cost',
      tabs: settingsTabs(caller, 'usage'),
      days: daysOf(spent, since),
      agents: [...new Set(spent.map(({ agent }) => agent))],
    }
  },
})

/** One row for each day that had anything, the newest first, with its share of the largest. */
function daysOf(spent: readonly SpentSlot[], since: number) {
  const slots = [...new Set(spent.map(({ slot }) => slot))].toSorted((a, b) => b - a)
  const days = slots.map((slot) => {
    const parts = spent.filter((each) => each.slot === slot)
    const sum = (of: (part: SpentSlot) => number) => parts.reduce((total, part) => total + of(part), 0)
    return {
      day: new Date(since + slot * dayMs).toLocaleDateString('sv'),
      attempts: sum(({ attempts }) => attempts),
      tokens: sum(({ tokens }) => tokens),
      costUsd: sum(({ costUsd }) => costUsd),
      agents: parts.map(({ agent }) => agent).toSorted(),
    }
  })
  const most = Math.max(1, ...days.map(({ tokens }) => tokens))
  return days.map((day) => ({ ...day, share: Math.round((day.tokens / most) * 100) }))
}
