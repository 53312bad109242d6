import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureUser, testPassword } from '../dashboard.ts'
import { seriousFindings } from './axe.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  await ensureUser(stage.dashboard.web, 'operator')
})
afterAll(() => stage[Symbol.asyncDispose]())

describe.each([
  ['with', true],
  ['without', false],
])('%s JavaScript', (_, javaScriptEnabled) => {
  test('a login leads to the page that was wanted, a wrong password back to the form', async () => {
    await using person = await stage.person({ javaScriptEnabled })
    const { page } = person

    await page.goto('/queue?view=failed')
    await page.getByLabel('User').fill('test-operator')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    const refusal = await page.getByRole('alert').textContent()
    const kept = await page.getByLabel('User').inputValue()
    await page.getByLabel('Password').fill(testPassword)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.waitForURL('**/queue?view=failed')

    expect(refusal).not.toBe('')
    expect(kept).toBe('test-operator')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Queue')
  })
})

test('the form of the login is accessible in light and dark', async () => {
  const findings: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await using person = await stage.person({ colorScheme })
    await person.page.goto('/login?ended=1')
    await screenshot(person.page, `login-${colorScheme}`)
    findings.push(...(await seriousFindings(person.page)))
  }

  expect(findings).toEqual([])
})

test('logging out ends the login in every tab', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, context } = person
  await page.goto('/')
  const second = await context.newPage()
  await second.goto('/sessions')
  await second.locator('#connection[data-state="live"]').waitFor()

  await page.getByLabel('You: test-operator').click()
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.waitForURL('**/login**')

  await second.waitForURL('**/login?ended=1**')
  expect(await second.getByText('Your login has ended').textContent()).toContain('Your login has ended')
})

test('one who is logged in sees the form of the login alone, with the way back', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person

  await page.goto('/login')

  expect(await page.getByRole('link', { name: 'To the overview' }).count()).toBe(1)
  expect(await page.locator('.rail, #connection').count()).toBe(0)
})

// Side by side: both mostly wait.
describe.concurrent('a login that nobody uses', () => {
  test('is warned of before its end, and stays on request', async () => {
    await using short = await openStage({ config: { sessionTimeoutMs: 20_000 } })
    await using person = await short.person({ role: 'operator' })
    const { page } = person
    await page.goto('/')

    const warning = page.getByRole('dialog', { name: 'Still there?' })
    await warning.waitFor()
    await screenshot(page, 'staying-light')
    const extended = page.waitForResponse('**/api/session/extend')
    await warning.getByRole('button', { name: 'Stay logged in' }).click()

    expect((await extended).status()).toBe(200)
    await warning.waitFor({ state: 'hidden' })
  })

  test('ends, says so, and leads back to the same page', async () => {
    await using short = await openStage({ config: { sessionTimeoutMs: 10_000 } })
    await using person = await short.person({ role: 'operator' })
    const { page } = person
    await page.goto('/sessions?as=list')

    await page.waitForURL('**/login?ended=1**')
    const notice = await page.getByRole('status').textContent()
    const around = await page.locator('.rail, .topbar').count()
    await page.getByLabel('User').fill('test-operator')
    await page.getByLabel('Password').fill(testPassword)
    await page.getByRole('button', { name: 'Log in' }).click()

    await page.waitForURL('**/sessions?as=list')
    expect(notice).toContain('Your login has ended')
    expect(around).toBe(0)
  })
})
