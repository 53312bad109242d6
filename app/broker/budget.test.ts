import { describe, expect, test } from 'vitest'
import { startOfDay } from '../core/limits.ts'
import { endAttempt } from '../db/attempts.ts'
import { claimNextPrompt } from '../db/claims.ts'
import { getControls } from '../db/controls.ts'
import type { Database } from '../db/open.ts'
import { submitPrompt } from '../db/prompts.ts'
import { setBudget } from '../db/settings.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { budgetReason, keepToBudget } from './budget.ts'
import { resume } from './commands.ts'

const noon = startOfDay(Date.UTC(2026, 10, 21, 12)) + 12 * 3_600_000
const dayMs = 86_400_000

describe.each(databases)('on $name', ({ open }) => {
  test('a spent budget pauses the queue, and the next day opens it', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setBudget(db, { tokensPerDay: 1_000, usdPerDay: null, stops: true }, noon))

    await spend(database, 999, noon)
    const before = await keepToBudget(database, noon + 1)
    await spend(database, 1, noon + 2)
    await keepToBudget(database, noon + 3)
    const paused = await getControls(database.kysely)
    await keepToBudget(database, noon + dayMs)

    expect(before).toBeNull()
    expect(paused).toMatchObject({ paused: true, reason: budgetReason })
    expect(await getControls(database.kysely)).toMatchObject({ paused: false, reason: null })
  })

  test('a person who resumes the queue has the last word for that day', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setBudget(db, { tokensPerDay: null, usdPerDay: 0.5, stops: true }, noon))
    await spend(database, 10, noon, 0.6)
    await keepToBudget(database, noon + 1)

    await resume(database, 'test', null, noon + 2)
    await spend(database, 10, noon + 3, 0.6)
    const again = await keepToBudget(database, noon + 4)

    expect(again).toBeNull()
    expect(await getControls(database.kysely)).toMatchObject({ paused: false })
  })

  test('a budget that only warns stops nothing', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setBudget(db, { tokensPerDay: 1, usdPerDay: null, stops: false }, noon))
    await spend(database, 10, noon)

    expect(await keepToBudget(database, noon + 1)).toBeNull()
  })
})

async function spend(database: Database, tokensIn: number, at: number, costUsd = 0) {
  await database.write((db) => submitPrompt(db, { content: 'x' }, at))
  const claimed = await database.write((db) => claimNextPrompt(db, claimingSession(), lease, at))
  await database.write((db) => endAttempt(db, claimed!.attempt, 'completed', { tokensIn, costUsd }, at))
}
