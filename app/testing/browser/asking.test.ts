import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Locator } from 'playwright-core'
import { getHumanTask } from '../../db/human-task/read.ts'
import { listChannels } from '../../db/notification/channels.ts'
import { getPattern, listPatterns } from '../../db/pattern/read.ts'
import { getPrompt } from '../../db/prompts.ts'
import { populateAsking, type Asked } from './asking-fleet.ts'
import { populate } from './fleet.ts'
import type { Person } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let asked: Asked
let person: Person

beforeAll(async () => {
  stage = await openStage({ agents: { shop: { command: 'npm publish' } } })
  const { database } = stage.dashboard.web
  // On another node than the scripted agent: the assigner takes none of it for gone.
  await populate(database, 'pi-1', Date.now())
  asked = await populateAsking(database, 'pi-1', Date.now())
  person = await stage.person({ role: 'admin' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

/** Makes the scripted agent ask whether a command may run; resolves when it stands under Needs you. */
async function needOfShop(command: string): Promise<Locator> {
  await stage.agents['shop']!.tell({ command, events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  const row = person.page.locator('.need[id^="need-test/"]', { hasText: command })
  await row.getByRole('button', { name: 'Approve' }).waitFor()
  return row
}

test('a permission prompt is approved, and another denied, from Needs you', async () => {
  const { page } = person
  const shop = stage.agents['shop']!
  await page.goto('/needs-you')
  await page.locator('#connection[data-state="live"]').waitFor()

  const first = await needOfShop('npm publish')
  await first.getByRole('button', { name: 'Approve' }).click()
  await first.waitFor({ state: 'detached' })
  const approved = await shop.witness(({ type }) => type === 'APPROVED')
  const second = await needOfShop('rm -rf dist')
  await second.getByRole('button', { name: 'Deny' }).click()
  await second.waitFor({ state: 'detached' })
  const denied = await shop.witness(({ option }) => option === 'No')

  expect(approved.text).toBe('npm publish')
  expect(denied.type).not.toBe('APPROVED')
  expect((await shop.log()).filter(({ type }) => type === 'APPROVED')).toHaveLength(1)
})

test('a question is answered on its card, and its asker gets the answer as a prompt', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  await page.goto('/needs-you')
  const card = page.locator(`#need-question-${asked.task}`)

  await card.getByRole('button', { name: 'Keep it until 3.0' }).click()
  await card.waitFor({ state: 'detached' })

  const task = await getHumanTask(database.kysely, asked.task)
  expect(task).toMatchObject({ state: 'answered', answer: 'Keep it until 3.0', answeredBy: 'test-admin' })
  expect((await getPrompt(database.kysely, task.answerPromptId!)).content).toContain('Keep it until 3.0')
})

test('boxes of a question are ticked together with words, and sent as one answer', async () => {
  const { page } = person
  await page.goto(`/interactions/${asked.boxes}`)
  const sent = page.waitForRequest((request) => request.url().endsWith('/handle'))

  const before = await page
    .getByRole('checkbox')
    .evaluateAll((boxes) => boxes.map((box) => box.matches(':checked')))
  await page.getByLabel('1. Lint').uncheck()
  await page.getByLabel('2. Tests').check()
  await page.getByLabel('3. Bench').check()
  await page.getByLabel('And in your own words').fill('a profiler')
  await page.getByRole('button', { name: 'Answer' }).click()
  const refused = await page.locator('[data-failure]').first().textContent()

  expect(before).toEqual([true, false, false])
  expect((await sent).postDataJSON()).toEqual({ action: 'answer', option: ['2', '3'], text: 'a profiler' })
  expect(refused).toContain('pi-2')
})

test('a rule is made of a permission prompt in one step, shows what it would have changed, and is enabled', async () => {
  const { page } = person
  await page.goto(`/interactions/${asked.approved}`)

  await page.getByRole('button', { name: 'Make this rule' }).first().click()
  await page.waitForURL('**/patterns/*')
  await page.getByText('Would have approved 2 of').waitFor()
  const draft = await page.locator('.head-line .state').textContent()
  await page.getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('button', { name: 'Enable it' }).click()
  await page.locator('.head-line').getByText('live').waitFor()

  const id = Number(page.url().split('/').at(-1))
  expect(draft).toContain('draft')
  expect(await getPattern(stage.dashboard.web.database.kysely, id)).toMatchObject({
    state: 'live',
    conditions: { commands: ['npm test'] },
  })
})

test('a rule is written by hand, tried before anything of it is kept, and given other words later', async () => {
  const { page } = person
  const { kysely } = stage.dashboard.web.database
  const before = await listPatterns(kysely)
  await page.goto('/patterns')

  await page.getByRole('link', { name: 'New rule' }).click()
  await page.getByLabel('Name').fill('look around')
  await page.getByLabel('Commands, one').fill('npm test ...\n\nnpm run <text>')
  await page.getByLabel('workers').check()
  await page.getByLabel('managers').check()
  await page.getByRole('button', { name: 'Try it' }).click()
  await page
    .locator('#tried')
    .getByText(/^Would have approved [1-9] of/)
    .waitFor()
  const kept = await listPatterns(kysely)
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await page.getByRole('heading', { name: 'Tried on what was asked' }).waitFor()
  const [draft] = await listPatterns(kysely)
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByLabel('workers').uncheck()
  await page.getByLabel('deny').check()
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await page.getByText('version 2', { exact: true }).waitFor()

  expect(kept).toEqual(before)
  expect(draft).toMatchObject({
    state: 'draft',
    effect: 'allow',
    conditions: { commands: ['npm test ...', 'npm run <text>'], tiers: ['manager', 'worker'] },
  })
  expect(await getPattern(kysely, draft!.id)).toMatchObject({
    effect: 'deny',
    version: 2,
    conditions: { commands: ['npm test ...', 'npm run <text>'], tiers: ['manager'] },
  })
})

test('a rule that means nothing is refused where it is written', async () => {
  const { page } = person
  await page.goto('/patterns/new')

  await page.getByLabel('Name').fill('everything')
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  const refused = page.locator('[data-failure]')
  await refused.getByText('must say what the rule is about').waitFor()
  await page.getByLabel('Commands, one').fill('ls; rm x')
  await page.getByRole('button', { name: 'Try it' }).click()

  await page.locator('#tried').getByText('one simple command a line').waitFor()
  expect(page.url()).toMatch(/\/patterns\/new$/)
})

test('a result is accepted', async () => {
  const { page } = person
  const { database } = stage.dashboard.web

  await page.goto('/prompts/4')
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.locator('.notice', { hasText: 'Accepted' }).waitFor()

  expect(await getPrompt(database.kysely, 4)).toMatchObject({ state: 'completed', review: 'accepted' })
})

test('a result is sent back with what is to be done differently', async () => {
  const { page } = person
  const { database } = stage.dashboard.web

  await page.goto('/prompts/5')
  await page.getByLabel('Review').fill('Without the sleep, please.')
  await page.getByRole('button', { name: 'Send back' }).click()
  await page.locator('.head-line .state').getByText('waiting').waitFor()

  expect(await getPrompt(database.kysely, 5)).toMatchObject({
    state: 'pending',
    review: 'sent_back',
    nextText: 'Without the sleep, please.',
  })
})

test('g l leads to the locks, where what somebody holds is released', async () => {
  const { page } = person
  await page.goto('/')

  await page.keyboard.type('gl')
  await page.waitForURL('**/locks')
  const row = page.locator('[data-row]', { hasText: 'feature/session-store-1121' })
  await row.getByRole('button', { name: 'Release' }).click()
  await page.locator('#ask').getByRole('button', { name: 'Release' }).click()
  await row.waitFor({ state: 'detached' })

  expect(await page.locator('[data-row]').count()).toBe(2)
})

test('a channel shows the fields of its kind alone, and only what is seen is kept', async () => {
  const { page } = person
  const { kysely } = stage.dashboard.web.database
  await page.goto('/settings/notifications')
  const form = page.locator('form.kinds')
  const fields = async () => await form.locator('.kind-fields :visible:is(input)').count()

  const ofBrowser = await fields()
  await form.getByLabel('Kind').selectOption('webhook')
  await form.getByRole('textbox', { name: /^Address/ }).fill('https://example.org/hook')
  const ofWebhook = await fields()
  await form.getByLabel('Kind').selectOption('ntfy')
  await form.getByRole('textbox', { name: /^Topic/ }).fill('https://ntfy.example/guess')
  const ofNtfy = await fields()
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('telephone')
  await form.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('cell', { name: 'telephone' }).waitFor()

  expect([ofBrowser, ofWebhook, ofNtfy]).toEqual([0, 3, 3])
  const channels = await listChannels(kysely)
  expect(channels.find(({ name }) => name === 'telephone')).toMatchObject({
    kind: 'ntfy',
    url: 'https://ntfy.example/guess',
    hasSecret: false,
  })
})

test('in the queue, parts stand below the whole, and are folded away', async () => {
  const { page } = person
  await page.goto('/queue')
  const parts = page.locator(`#parts-${asked.whole}`)
  const telephone = parts.getByRole('link', { name: /slow telephone/ })

  await telephone.waitFor()
  await parts.getByText(/^3 parts: /).click()
  await telephone.waitFor({ state: 'hidden' })
  const rows = page.locator(`#prompt-${asked.part}`)

  expect(await rows.count()).toBe(1)
  expect(await parts.locator(`#prompt-${asked.part}`).count()).toBe(1)
})

test('a piece of work that was passed on leads from the whole to its parts, and tells how far they are', async () => {
  const { page } = person
  await page.goto(`/prompts/${asked.whole}`)

  await page
    .locator('.family')
    .getByRole('link', { name: /slow telephone/ })
    .click()
  await page.locator('.story').getByText('the third one is charging').waitFor()
  await page
    .locator('.crumbs')
    .getByRole('link', { name: `#${asked.whole}` })
    .click()

  await page.waitForURL(`**/prompts/${asked.whole}`)
  expect(await page.locator('.family-node').count()).toBe(4)
})
