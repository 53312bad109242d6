import { z } from 'zod'

const days = z.number().int().min(1).max(3_650)

/** How long what is kept; in days, so that people can say it. */
export const retentionSchema = z.object({
  eventDays: days,
  /** What proved the steps of an attempt; its outcome and answer stay as long as its prompt. */
  evidenceDays: days,
  /** Ended prompts with their attempts and answers. */
  promptDays: days,
})
export type Retention = z.infer<typeof retentionSchema>

/** So that a database stays at home on an SD card: some 100 MB after a year of heavy use. */
export const defaultRetention: Retention = { eventDays: 30, evidenceDays: 14, promptDays: 180 }

/** What may be spent in one day; null: as much as it takes. */
export const budgetSchema = z.object({
  tokensPerDay: z.number().int().min(1).max(1e12).nullable(),
  usdPerDay: z.number().min(0.01).max(1e6).nullable(),
  /** The queue is paused when it is spent; otherwise people are only warned. */
  stops: z.boolean(),
})
export type Budget = z.infer<typeof budgetSchema>

export const noBudget: Budget = { tokensPerDay: null, usdPerDay: null, stops: true }

export interface Spent {
  tokens: number
  costUsd: number
}

/** From this share on people are warned. */
const warnFrom = 0.8

export interface BudgetReading {
  state: 'none' | 'within' | 'near' | 'spent'
  /** Of what is nearer to its end; 1 is all of it. */
  share: number
}

/** How much of a day's budget is gone. */
export function readBudget({ tokensPerDay, usdPerDay }: Budget, { tokens, costUsd }: Spent): BudgetReading {
  if (tokensPerDay === null && usdPerDay === null) return { state: 'none', share: 0 }
  const share = Math.max(tokens / (tokensPerDay ?? Infinity), costUsd / (usdPerDay ?? Infinity))
  if (share >= 1) return { state: 'spent', share }
  return { state: share >= warnFrom ? 'near' : 'within', share }
}

/** Midnight where this process runs: the beginning of the day that a budget is for. */
export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0)
}
