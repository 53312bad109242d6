import { afterAll, beforeAll, expect, test } from 'vitest'
import { submit } from '../../broker/commands.ts'
import { getControls } from '../../db/controls.ts'
import { getPrompt, listPrompts } from '../../db/prompts.ts'
import { screenshot, openStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ agents: { worker: { thinkMs: 1_200 } } })
})
afterAll(() => stage[Symbol.asyncDispose]())

test('a prompt is sent from anywhere and seen to its end without a reload', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, complaints } = person
  await page.goto('/activity')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.keyboard.press('n')
  await page.getByLabel('Prompt', { exact: true }).fill('Say <b>hello</b> & go')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL('**/prompts/*')
  await page.evaluate(`document.body.dataset.same = 'yes'`)
  await page.locator('.head-line .state-in_progress').waitFor()
  await page.getByRole('heading', { name: 'Answer' }).waitFor()

  expect(await page.evaluate('document.body.dataset.same')).toBe('yes')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Say <b>hello</b> & go')
  expect(await page.locator('.answer').textContent()).toContain('Done: 21 characters')
  expect(await page.locator('.state-completed').first().textContent()).toContain('completed')
  const story = await page.locator('.story').innerText()
  for (const step of ['queued', 'claimed by worker', 'typed', 'submitted', 'completed']) {
    expect(story).toContain(step)
  }
  const submitted = page.locator('.step', { hasText: 'submitted' })
  await submitted.locator('summary').click()
  expect(await submitted.locator('.screen').textContent()).toContain('> Say <b>hello</b> & go')
  expect(await page.locator('.step', { hasText: 'completed' }).locator('.screen').textContent()).toContain(
    'Done:',
  )
  expect(await page.locator('.step', { hasText: 'Enter pressed' }).locator('.screen').textContent()).toMatch(
    /^[❯>] Say/m,
  )
  expect(complaints).toEqual([])
  await screenshot(page, 'prompt-live-light')
})

test('a waiting prompt is edited, cancelled and retried from the list', async () => {
  const { database } = stage.dashboard.web
  const { prompt } = await submit(
    database,
    { content: 'Wait for nobody', target: { session: 'nobody' } },
    Date.now(),
  )
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/queue?view=waiting')
  const row = page.locator(`#prompt-${prompt.id}`)

  await row.getByRole('link', { name: 'Edit' }).click()
  await page.getByRole('dialog').getByLabel('Prompt', { exact: true }).fill('Wait for nobody else')
  await page.getByRole('dialog').getByLabel('Priority').fill('7')
  await page.getByRole('dialog').getByRole('button', { name: /Keep/ }).click()
  await row.getByText('Wait for nobody else').waitFor()
  await row.getByText('P7').waitFor()
  const edited = await getPrompt(database.kysely, prompt.id)

  await row.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Cancel it' }).click()
  await row.waitFor({ state: 'detached' })
  const cancelled = await getPrompt(database.kysely, prompt.id)

  await page.getByRole('link', { name: /^cancelled/ }).click()
  await row.getByRole('button', { name: 'Retry' }).click()
  await row.waitFor({ state: 'detached' })
  const retried = await getPrompt(database.kysely, prompt.id)

  expect(edited).toMatchObject({
    content: 'Wait for nobody else',
    priority: 7,
    target: { session: 'nobody' },
  })
  expect(cancelled.state).toBe('cancelled')
  expect(retried.state).toBe('pending')
})

test('what a person may not do is not offered, and what the server refuses is said', async () => {
  const { database } = stage.dashboard.web
  const { prompt } = await submit(database, { content: 'Look', target: { session: 'nobody' } }, Date.now())
  await using viewer = await stage.person({ role: 'viewer' })
  await viewer.page.goto(`/prompts/${prompt.id}`)
  const offered = await viewer.page.locator('#panel button[type=submit], .topbar .btn-accent').count()
  await using operator = await stage.person({ role: 'operator' })
  const { page } = operator
  await page.goto(`/prompts/${prompt.id}/edit`)
  await page.getByLabel('Prompt', { exact: true }).fill('!ls')

  await page.getByRole('button', { name: /Keep/ }).click()

  await page.getByRole('alert').filter({ hasText: 'command' }).waitFor()
  expect(offered).toBe(0)
})

test('pausing and resuming the queue is one click away on every page', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/documentation')

  const { database } = stage.dashboard.web

  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.topbar').getByText('paused').waitFor()
  const paused = await getControls(database.kysely)
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()

  expect(paused.paused).toBe(true)
  expect((await getControls(database.kysely)).paused).toBe(false)
})

test('a broadcast queues one prompt for each session', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/sessions')
  await page.locator('.session-card').first().waitFor()

  await page.getByRole('link', { name: 'Broadcast' }).click()
  await page.getByRole('dialog').getByLabel('Message').fill('Report')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Broadcast/ })
    .click()
  await page.locator('#ask').getByRole('button', { name: 'Broadcast' }).click()

  await page.getByText('Queued, one prompt for each session.').waitFor()
  const { items } = await listPrompts(stage.dashboard.web.database.kysely, { limit: 1 })
  expect(items).toMatchObject([{ content: 'Report', target: { session: 'worker' } }])
})
