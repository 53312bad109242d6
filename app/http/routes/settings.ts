import { z } from 'zod'
import { budgetSchema, retentionSchema } from '../../core/limits.ts'
import { getBudget, getRetention, setBudget, setRetention } from '../../db/settings.ts'
import { defineRoute, type Route } from '../route.ts'

const administrator = { role: 'admin', scope: 'admin' } as const
const viewer = { role: 'viewer', scope: 'read' } as const
const tag = 'Settings'

/** As people write them; the domain's own names are in `core/limits.ts`. */
const retentionBody = z.strictObject({
  event_days: retentionSchema.shape.eventDays,
  evidence_days: retentionSchema.shape.evidenceDays,
  prompt_days: retentionSchema.shape.promptDays,
})

const budgetBody = z.strictObject({
  tokens_per_day: budgetSchema.shape.tokensPerDay.describe('null: as many as it takes'),
  usd_per_day: budgetSchema.shape.usdPerDay.describe('null: as much as it takes'),
  stops: budgetSchema.shape.stops.describe('pauses the queue when it is spent; otherwise it only warns'),
})

const getRetentionRoute = defineRoute({
  method: 'get',
  path: '/api/settings/retention',
  tag,
  summary: 'How many days what is kept',
  access: viewer,
  reply: retentionBody,
  async handle({ web }) {
    const { eventDays, evidenceDays, promptDays } = await getRetention(web.database.kysely)
    return { event_days: eventDays, evidence_days: evidenceDays, prompt_days: promptDays }
  },
})

const putRetentionRoute = defineRoute({
  method: 'put',
  path: '/api/settings/retention',
  tag,
  summary: 'Settle how many days what is kept; what is older goes within minutes',
  access: administrator,
  body: retentionBody,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, body }) {
    const { event_days, evidence_days, prompt_days } = body
    const retention = { eventDays: event_days, evidenceDays: evidence_days, promptDays: prompt_days }
    await web.database.write((db) => setRetention(db, retention, web.clock.now()))
    return { success: true as const }
  },
})

const getBudgetRoute = defineRoute({
  method: 'get',
  path: '/api/settings/budget',
  tag,
  summary: 'What may be spent in a day',
  access: viewer,
  reply: budgetBody,
  async handle({ web }) {
    const { tokensPerDay, usdPerDay, stops } = await getBudget(web.database.kysely)
    return { tokens_per_day: tokensPerDay, usd_per_day: usdPerDay, stops }
  },
})

const putBudgetRoute = defineRoute({
  method: 'put',
  path: '/api/settings/budget',
  tag,
  summary: 'Settle what may be spent in a day, and whether the queue stops then',
  access: administrator,
  body: budgetBody,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, body }) {
    const budget = { tokensPerDay: body.tokens_per_day, usdPerDay: body.usd_per_day, stops: body.stops }
    await web.database.write((db) => setBudget(db, budget, web.clock.now()))
    return { success: true as const }
  },
})

export const settingRoutes: readonly Route[] = [
  getRetentionRoute,
  putRetentionRoute,
  getBudgetRoute,
  putBudgetRoute,
]
