import { expect, test } from 'vitest'
import { noBudget, readBudget } from './limits.ts'

test.each([
  [noBudget, { tokens: 1e9, costUsd: 1e9 }, 'none'],
  [{ ...noBudget, tokensPerDay: 100 }, { tokens: 79, costUsd: 1e9 }, 'within'],
  [{ ...noBudget, tokensPerDay: 100 }, { tokens: 80, costUsd: 0 }, 'near'],
  [{ ...noBudget, tokensPerDay: 100 }, { tokens: 100, costUsd: 0 }, 'spent'],
  [{ ...noBudget, tokensPerDay: 100, usdPerDay: 2 }, { tokens: 1, costUsd: 2.5 }, 'spent'],
])('of %j, %j is %s', (budget, spent, state) => {
  expect(readBudget(budget, spent).state).toBe(state)
})
