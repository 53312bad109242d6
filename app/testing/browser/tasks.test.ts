import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimNextTask } from '../../db/task/claim.ts'
import { appendTaskLog } from '../../db/task/logs.ts'
import { getTask, listTasks } from '../../db/task/read.ts'
import { completeRun } from '../../db/task/run.ts'
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

const worker = { id: 1, name: 'tester', node: 'test', types: ['shell'] }

test('a task is made in a dialog, and its state and log are followed live', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  await page.goto('/tasks')
  await page.locator('#connection[data-state="live"]').waitFor()
  await page.getByText('No task yet').waitFor()

  await page.getByRole('link', { name: 'New task' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name, for people').fill('Evil <img src=x onerror=alert(1)>')
  await dialog.getByLabel('Data, as JSON').fill('{"command": "make"}')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL('**/tasks/1')
  await page.locator('#connection[data-state="live"]').waitFor()
  const now = Date.now()
  const { run } = (await database.write((db) =>
    claimNextTask(db, worker, { owner: 'tester', until: now + 60_000 }, now),
  ))!
  await page.locator('.head-line .state', { hasText: 'running' }).waitFor()
  await database.write((db) => appendTaskLog(db, run, [{ at: 0, bytes: 10, text: '<b>one</b>' }]))
  await page.locator('.task-log', { hasText: '<b>one</b>' }).waitFor()
  await database.write((db) => appendTaskLog(db, run, [{ at: 1_010, bytes: 3, text: 'two' }]))
  await page.locator('.task-log', { hasText: '1,000 bytes are not kept' }).waitFor()
  await database.write((db) => completeRun(db, run, { exitCode: 0, result: { n: 1 } }, now + 5))
  await page.locator('.head-line .state', { hasText: 'completed' }).waitFor()

  expect(await page.locator('img').count()).toBe(0)
  expect(await page.locator('.task-log').textContent()).toContain('<b>one</b>')
  expect(person.complaints).toEqual([])
})

test('a task is cancelled and sent again by buttons', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  const made = await (
    await stage.dashboard.token()
  ).send<{ id: number }>('POST', '/api/tasks', {
    type: 'shell',
    data: { command: 'true' },
    node: 'elsewhere',
  })
  await page.goto(`/tasks/${made.body.id}`)
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel it' }).click()
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.locator('.head-line .state', { hasText: 'pending' }).waitFor()

  expect(await getTask(database.kysely, made.body.id)).toMatchObject({ state: 'pending', endedAt: null })
  expect(person.complaints).toEqual([])
})

test('a schedule is made, run at once, paused and deleted', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  await page.goto('/schedules')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('link', { name: 'New schedule' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Nightly')
  await dialog.getByLabel('When').fill('0 3 * * *')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'Run now: Nightly' }).click()
  await page.getByText(/Task \d+ waits/).waitFor()
  const [task] = await listTasks(database.kysely, {}, { limit: 1 })
  await page.getByRole('button', { name: 'Pause Nightly' }).click()
  await page.getByRole('button', { name: 'Resume Nightly' }).waitFor()
  await page.getByRole('button', { name: 'Delete Nightly' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('No schedule yet').waitFor()

  expect(task).toMatchObject({ scheduleId: 1, data: { command: 'uptime' } })
  expect(person.complaints).toEqual([])
})
