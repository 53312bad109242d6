import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepSuggestions } from '../../db/suggestion/suggestions.ts'
import { cancelTask } from '../../db/task/change.ts'
import { claimNextTask } from '../../db/task/claim.ts'
import { appendTaskLog } from '../../db/task/logs.ts'
import { getTask, listTasks } from '../../db/task/read.ts'
import { completeRun } from '../../db/task/run.ts'
import { testPassword } from '../dashboard.ts'
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
  await dialog.getByLabel('Name', { exact: true }).fill('Nightly')
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

test('rubbish for data is said in the form, and nothing is sent', async () => {
  const { page } = person
  await page.goto('/tasks/new')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByLabel('Data, as JSON').fill('{"command": ')
  await page.getByRole('button', { name: 'Create' }).click()

  await page.getByRole('alert').filter({ hasText: 'This is no JSON' }).waitFor()
  expect(await page.getByRole('button', { name: 'Create' }).isEnabled()).toBe(true)
  expect(person.complaints).toEqual([])
})

test('a task with secrets takes the password in its form, where the login is old', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  await database.write((db) => db.updateTable('browser_sessions').set({ confirmed_at: 1 }).execute())
  await page.goto('/tasks/new')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByLabel('Secrets, by name').fill('GITHUB_TOKEN')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('alert').filter({ hasText: 'older than 10 minutes' }).waitFor()
  await page.getByLabel(/^Your password/).fill(testPassword)
  await page.getByRole('button', { name: 'Create' }).click()
  await page.locator('.head-line .state', { hasText: 'pending' }).waitFor()
  const [task] = await listTasks(database.kysely, {}, { limit: 1 })
  await database.write((db) => cancelTask(db, task!.id, 'ann', Date.now()))
  await database.write((db) => db.updateTable('browser_sessions').set({ confirmed_at: 1 }).execute())
  await page.reload()
  await page.getByRole('link', { name: 'Send again' }).click()
  await page
    .getByRole('dialog')
    .getByLabel(/^Your password/)
    .fill(testPassword)
  await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
  await page.locator('.head-line .state', { hasText: 'pending' }).waitFor()

  expect(task).toMatchObject({ secrets: ['GITHUB_TOKEN'] })
  expect(person.complaints.filter((each) => !each.includes('403'))).toEqual([])
})

test('a suggestion becomes a task from its form', async () => {
  const { page } = person
  const { database } = stage.dashboard.web
  const suggested = {
    key: 'error:1',
    source: 'error' as const,
    title: 'Fix it',
    description: 'It broke.',
    priority: 5,
    projectId: null,
    ref: '1',
    sightedAt: null,
  }
  await database.write((db) => keepSuggestions(db, [suggested], ['error'], Date.now()))
  await page.goto('/suggestions/1')
  await page.locator('#connection[data-state="live"]').waitFor()

  const isShown = () => page.getByLabel('Data, as JSON').isVisible()
  const before = await isShown()
  await page.locator('select[name=as]').selectOption('task')
  await page.getByLabel('Data, as JSON').fill('{"command": "make mend"}')
  await page.getByRole('button', { name: 'Take up' }).click()
  await page.getByRole('link', { name: 'became a task' }).click()
  await page.waitForURL('**/tasks/*')
  const [task] = await listTasks(database.kysely, {}, { limit: 1 })

  expect(before).toBe(false)
  expect(task).toMatchObject({ name: 'Fix it', data: { command: 'make mend' } })
  expect(person.complaints.filter((each) => !each.includes('403'))).toEqual([])
})

test('a service that does not run can be started, and not be stopped', async () => {
  const { page } = person
  await page.goto('/workers')

  await page.getByRole('button', { name: 'Start the task worker' }).waitFor()

  expect(await page.getByRole('button', { name: /^Stop the/ }).count()).toBe(0)
})
