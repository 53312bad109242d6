import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

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

const report = (message: string, more: object = {}) =>
  stage.dashboard.anonymous.send('POST', '/api/errors', {
    node_id: 'pi-1',
    source: 'app.py',
    message,
    ...more,
  })

test('an error appears by itself, is resolved with a click, and is back when it happens again', async () => {
  const { page } = person
  await page.goto('/errors')
  await page.locator('#connection[data-state="live"]').waitFor()
  await page.getByText('No error was reported yet').waitFor()

  await report('the cart is empty', { stack_trace: 'at cart.js:1' })
  const row = page.locator('.error-row', { hasText: 'the cart is empty' })
  await row.waitFor()
  await row.getByRole('link').click()
  await page.getByRole('button', { name: 'Resolve' }).click()
  await page.locator('.head-line .state', { hasText: 'resolved' }).waitFor()
  await report('the cart is empty')

  await page.locator('.head-line .state', { hasText: 'regressed' }).waitFor()
  expect(await page.locator('.error-stack').first().textContent()).toBe('at cart.js:1')
  expect(person.complaints).toEqual([])
})

test('a session is asked to fix it by a prompt that is looked over first, linked both ways', async () => {
  const { page } = person
  await report('the basket is gone', { stack_trace: 'at basket.js:7' })
  await page.goto('/errors?q=basket')

  await page.locator('.error-row').getByRole('link').click()
  await page.getByRole('link', { name: 'Have it fixed' }).click()
  const dialog = page.getByRole('dialog')
  const text = dialog.getByLabel('Prompt')
  expect(await text.inputValue()).toContain('at basket.js:7')
  await text.fill('Look at basket.js')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('link', { name: /for error #/ }).click()

  await page
    .getByRole('link', { name: /^prompt #/ })
    .first()
    .waitFor()
  expect(await page.locator('h1.prompt-title').textContent()).toContain('the basket is gone')
  expect(person.complaints).toEqual([])
})

test('what a program reports is text on the page, whatever it says', async () => {
  const { page } = person
  const evil = '<img src=x onerror=alert(1)>'
  await report(evil, {
    source: evil,
    error_type: evil,
    node_id: evil,
    stack_trace: `</pre>${evil}`,
    metadata: { a: evil },
  })

  await page.goto('/errors?q=onerror')
  await page.locator('.error-row').getByRole('link').click()
  await page.locator('.error-stack').waitFor()

  expect(await page.locator('img').count()).toBe(0)
  expect(await page.locator('.error-stack').textContent()).toBe(`</pre>${evil}`)
  expect(person.complaints).toEqual([])
})
