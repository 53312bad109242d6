import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from './chromium.ts'
import { populateSources } from './source-fleet.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let person: Person
let fleet: Awaited<ReturnType<typeof populateSources>>

beforeAll(async () => {
  stage = await openStage()
  fleet = await populateSources(stage.dashboard.web, Date.now())
  person = await stage.person({ role: 'admin' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
  fleet[Symbol.dispose]()
})

test('projects are looked for, one is imported with a click, and its page opens', async () => {
  const { page } = person
  await page.goto('/sources')

  await page.getByRole('link', { name: 'Scan sources' }).first().click()
  await page.locator('.source-rows .row', { hasText: 'Garden' }).getByText('GRDN').waitFor()
  await page.getByRole('button', { name: 'Import rubbish' }).click()
  await page.locator('h1', { hasText: 'rubbish' }).waitFor()

  expect(person.complaints).toEqual([])
})

test('a task of a plan becomes a feature, then the rest of its phase, and none twice', async () => {
  const { page } = person
  await page.goto(`/plans/${fleet.projectId}`)
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('button', { name: 'Make a feature of FIXME: floods the beds' }).click()
  await page
    .locator('.plan-tasks .row', { hasText: 'floods' })
    .getByRole('link', { name: 'feature' })
    .waitFor()
  await page.getByRole('button', { name: 'Make features of Finish' }).click()
  await page
    .locator('.plan-tasks .row', { hasText: 'Watering' })
    .getByRole('link', { name: 'feature' })
    .click()
  await page.locator('h1', { hasText: 'Watering' }).waitFor()

  const program = await stage.dashboard.token()
  const again = await program.send<{ made: number }>(
    'POST',
    `/api/milestone-plans/${fleet.projectId}/features`,
    {
      phase: 'finish',
    },
  )
  expect(again.body.made).toBe(0)
  expect(person.complaints).toEqual([])
})

test('a suggestion is taken up as a feature of its project', async () => {
  const { page } = person
  await page.goto('/suggestions')

  await page.getByRole('link', { name: 'Take up: TODO: measure the rain' }).click()
  await page.getByRole('button', { name: 'Take up' }).click()
  await page.getByRole('link', { name: 'became a feature' }).click()

  await page.locator('h1', { hasText: 'measure the rain' }).waitFor()
  expect(person.complaints).toEqual([])
})

test('what files and programs say is text on every page', async () => {
  const { page } = person

  for (const address of [
    `/plans/${fleet.projectId}`,
    '/suggestions',
    '/suggestions/1',
    '/test-runs',
    '/test-runs/1',
  ]) {
    await page.goto(address)
    await page.locator('#connection[data-state="live"]').waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
  }
  expect(person.complaints).toEqual([])
})
