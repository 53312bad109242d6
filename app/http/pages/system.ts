import { listProcesses } from '../../db/processes.ts'
import { z } from 'zod'
import { budgetToday } from '../../broker/budget.ts'
import { retentionSchema, startOfDay } from '../../core/limits.ts'
import { spentPerSlot, type SpentSlot } from '../../db/figures.ts'
import { getRetention } from '../../db/settings.ts'
import { whatRetentionFrees } from '../../db/what-retention-frees.ts'
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

const wantedDays = z.coerce.number().pipe(retentionSchema.shape.eventDays).optional().catch(undefined)

/** How long what is kept, and what other limits would free. */
export const retentionPage: Page = definePage({
  path: '/settings/retention',
  name: 'retention',
  area: 'settings',
  query: z.object({ event_days: wantedDays, evidence_days: wantedDays, prompt_days: wantedDays }),
  async load({ web, query, caller }) {
    const db = web.database.kysely
    const present = await getRetention(db)
    const wanted = {
      eventDays: query.event_days ?? present.eventDays,
      evidenceDays: query.evidence_days ?? present.evidenceDays,
      promptDays: query.prompt_days ?? present.promptDays,
    }
    return {
      title: 'Retention',
      tabs: settingsTabs(caller, 'retention'),
      present,
      wanted,
      isChanged: JSON.stringify(wanted) !== JSON.stringify(present),
      frees: await whatRetentionFrees(db, wanted, web.clock.now()),
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
    const since = startOfDay(now) - (shownDays - 1) * dayMs
    const spent = await spentPerSlot(web.database.kysely, since, dayMs)
    return {
      title: 'Tokens and cost',
      tabs: settingsTabs(caller, 'usage'),
      ...(await budgetToday(web.database.kysely, now)),
      days: daysOf(spent, since),
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
