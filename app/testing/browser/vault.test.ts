import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { listDeeds } from '../../db/secret/audit.ts'
import { listSecrets } from '../../db/secret/read.ts'
import { testPassword } from '../dashboard.ts'
import { seriousFindings } from './axe.ts'
import type { Person } from './chromium.ts'
import { openStage, screenshot, type Stage } from './stage.ts'
import { populateVault } from './vault-fleet.ts'

let stage: Stage
let person: Person
let aheadMs = 0

beforeAll(async () => {
  stage = await openStage({ clock: { ...systemClock, now: () => Date.now() + aheadMs } })
  await populateVault(stage.dashboard.web, Date.now())
  person = await stage.person({ role: 'admin' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

test('a secret is stored, viewed, changed, rolled back and deleted', async () => {
  const { page } = person
  const db = stage.dashboard.web.database.kysely
  await page.goto('/vault')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('link', { name: 'New secret' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('API_KEY')
  await dialog.getByLabel('Value').fill('first planted value')
  await dialog.getByLabel('Category').selectOption('api_key')
  await dialog.getByRole('button', { name: 'Store' }).click()
  await page.getByRole('heading', { name: 'API_KEY', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Change' }).click()
  await page.getByRole('dialog').getByLabel('Another value').fill('second planted value')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await page.locator('#version-2').waitFor()
  await page.getByRole('button', { name: 'Go back to version 1' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Go back to it' }).click()
  await page.locator('#version-3').waitFor()
  await page.getByRole('link', { name: 'View', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'View it' }).click()
  await page.getByText('first planted value').waitFor()
  await screenshot(page, 'vault-revealed')
  const findings = await seriousFindings(page)
  await page.getByRole('dialog').getByRole('link', { name: 'Close' }).click()
  await page.getByText('first planted value').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click()
  await page.waitForURL('**/vault')

  expect(findings).toEqual([])
  expect((await listSecrets(db)).map(({ name }) => name)).not.toContain('API_KEY')
  const deeds = (await listDeeds(db, { limit: 5 })).toReversed()
  expect(deeds.map(({ action, by }) => [action, by.name])).toEqual([
    ['create', 'test-admin'],
    ['change', 'test-admin'],
    ['rollback', 'test-admin'],
    ['reveal', 'test-admin'],
    ['delete', 'test-admin'],
  ])
})

test('eleven minutes after the login, a value takes the password', async () => {
  const { page } = person
  aheadMs = 11 * 60_000
  await page.goto('/vault')

  await page.getByRole('link', { name: 'View GITHUB_TOKEN' }).click()
  const dialog = page.getByRole('dialog')
  const password = dialog.getByLabel('Your password')
  await password.fill('not that one')
  await dialog.getByRole('button', { name: 'View it' }).click()
  await dialog.getByText('The current password is wrong.').waitFor()
  await password.fill(testPassword)
  await dialog.getByRole('button', { name: 'View it' }).click()

  await page.getByText('ghp_of-the-panels-2').waitFor()

  expect(await password.isVisible()).toBe(false)
})

test('a sealed vault says who sealed it, and opens again', async () => {
  const { page } = person
  await page.goto('/vault')

  await page.getByRole('button', { name: 'Seal the vault' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Seal it' }).click()
  await page.getByText('The vault was sealed by test-admin').waitFor()
  await screenshot(page, 'vault-sealed')
  const findings = await seriousFindings(page)
  await page.getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('button', { name: 'Seal the vault' }).waitFor()

  expect(findings).toEqual([])
})

test('a viewer sees names and who looked, and nothing that shows a value', async () => {
  await using viewer = await stage.person({ role: 'viewer' })
  const { page } = viewer

  await page.goto('/vault')
  await page.getByRole('link', { name: 'GITHUB_TOKEN', exact: true }).click()
  await page.getByRole('heading', { name: 'GITHUB_TOKEN', level: 1 }).waitFor()

  expect(await page.getByText('looked at').count()).toBeGreaterThan(0)
  expect(await page.getByRole('link', { name: /View|Change/ }).count()).toBe(0)
  expect(await page.content()).not.toContain('of-the-panels')
})
