import { afterAll, beforeAll, expect, test } from 'vitest'
import { listServiceAccounts } from '../../db/service-account/read.ts'
import { listSshKeys } from '../../db/ssh-key/keys.ts'
import { seriousFindings } from './axe.ts'
import type { Person } from './chromium.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

let stage: Stage
let person: Person

beforeAll(async () => {
  stage = await openStage()
  person = await stage.person({ role: 'admin' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

const accounts = () => listServiceAccounts(stage.dashboard.web.database.kysely, {}, { limit: 10 })

test('an account is written down, changed, seen by others at once, and forgotten', async () => {
  const { page } = person
  await page.goto('/vault')
  await page.getByRole('link', { name: 'Service accounts' }).click()
  await page.getByRole('heading', { name: 'No account is written down yet' }).waitFor()
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('link', { name: 'New account' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Service').fill('github')
  await dialog.getByLabel('Login name').fill('shop-bot')
  await dialog.getByLabel('Node').fill('pi-1')
  await dialog.getByRole('button', { name: 'Write it down' }).click()
  await page.getByRole('row', { name: /shop-bot/ }).waitFor()
  const findings = await seriousFindings(page)
  await screenshot(page, 'service-accounts')
  await page.getByRole('link', { name: 'Change shop-bot at github' }).click()
  await dialog.getByLabel('Status').selectOption('suspended')
  await dialog.getByLabel('Node').fill('')
  await dialog.getByRole('button', { name: 'Keep' }).click()
  await page.getByRole('row', { name: /suspended/ }).waitFor()
  const [changed] = await accounts()
  await page.getByRole('link', { name: 'Change shop-bot at github' }).click()
  await dialog.getByRole('button', { name: 'Forget it' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Forget it' }).last().click()
  await page.getByRole('heading', { name: 'No account is written down yet' }).waitFor()

  expect(findings).toEqual([])
  expect(changed).toMatchObject({ service: 'github', node: '', status: 'suspended', version: 2 })
  expect(await accounts()).toEqual([])
  expect(person.complaints).toEqual([])
})

test('the SSH key is made and rotated; a viewer sees its public half and no button', async () => {
  const { page } = person
  await page.goto('/vault/ssh-key')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText(/^ssh-ed25519 AAAA/).waitFor()
  const first = await page.getByText(/^ssh-ed25519 AAAA/).textContent()
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make another' }).click()
  await page.getByRole('heading', { name: /^Earlier ones/ }).waitFor()
  const findings = await seriousFindings(page)
  await screenshot(page, 'ssh-key')

  await using viewer = await stage.person({ role: 'viewer' })
  await viewer.page.goto('/vault/ssh-key')
  const shown = await viewer.page.getByText(/^ssh-ed25519 AAAA/).textContent()
  const [current, earlier] = await listSshKeys(stage.dashboard.web.database.kysely)
  expect(findings).toEqual([])
  expect([shown, first]).toEqual([current!.publicKey, earlier!.publicKey])
  expect(await viewer.page.getByRole('button', { name: 'Rotate' }).count()).toBe(0)
  expect(await page.content()).not.toContain('PRIVATE KEY')
  expect(person.complaints).toEqual([])
})
