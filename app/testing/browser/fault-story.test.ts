import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot, programPath } from '../../core/paths.ts'
import { joinFarNode, type FarNode } from '../cluster/far-node.ts'
import type { Client } from '../dashboard.ts'
import { builtProgram } from '../product.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

/*
 * From a crash on another machine to the milestone that it held up, seen in the browser.
 */

let stage: Stage
let far: FarNode
let admin: Client
let folder: string
let worker: ChildProcess

beforeAll(async () => {
  stage = await openStage({ agents: { ada: { answer: 'Looked up before it is used.', thinkMs: 300 } } })
  far = await joinFarNode(stage.dashboard, 'pi-9')
  admin = await stage.dashboard.token()
  folder = mkdtempSync(join(tmpdir(), 'architect-fault-story-'))
  worker = await startWorkerOfItsOwn()
})
afterAll(async () => {
  const ended = once(worker, 'exit')
  worker.kill('SIGTERM')
  await ended
  await far[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('a crash becomes a bug, is fixed by a session, and the milestone moves, while a task with a secret tests it', async () => {
  await using person = await stage.person({ role: 'admin' })
  const { page, complaints } = person
  const { id: projectId } = await post('/api/projects', { name: 'Web shop', key: 'SHOP' })
  await post('/api/milestones', { project_id: projectId, name: 'First sale' })
  await post('/api/secrets', { name: 'SHOP_TOKEN', value: 'p1anted-token-of-the-shop' })

  await crashOnTheNode()
  await page.goto('/errors')
  await page.locator('.error-row', { hasText: 'the basket of 17 is gone' }).getByRole('link').click()
  await page.locator('.error-figures').getByText('pi-9').first().waitFor()
  await page.getByRole('link', { name: 'Make a bug of it' }).click()
  const bug = page.getByRole('dialog')
  await bug.getByLabel('Resolve the error').check()
  await bug.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/\/work\/\d+$/)
  const bugPath = new URL(page.url()).pathname

  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByRole('dialog').getByLabel('Milestone').selectOption('First sale')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await page.locator('.work-facts').getByText('First sale').waitFor()
  await page.goto(`/projects/${projectId}`)
  await page.getByText('0 of 1').first().waitFor()

  await page.goto('/tasks/new')
  await page.getByLabel('Type').selectOption('test')
  const command = ['sh', '-c', 'test -n "$SHOP_TOKEN" && echo "214 tests pass with $SHOP_TOKEN"']
  await page.getByLabel('Data, as JSON').fill(JSON.stringify({ command }))
  await page.getByLabel('Working folder').fill(folder)
  await page.getByLabel('Secrets, by name').fill('SHOP_TOKEN')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/\/tasks\/\d+$/)

  const taskPath = new URL(page.url()).pathname
  await page.goto(bugPath)
  await page.getByRole('link', { name: 'Assign to a session' }).click()
  const assign = page.getByRole('dialog')
  expect(await assign.getByLabel('Prompt').inputValue()).toContain('the basket of 17 is gone')
  await assign.getByLabel('To').fill('ada')
  await assign.getByLabel('When it is completed').selectOption('done')
  await assign.getByRole('button', { name: 'Assign' }).click()
  await page.locator('.head-line .state', { hasText: 'done' }).waitFor()
  await screenshot(page, 'fault-story-bug')

  await page.goto(`/projects/${projectId}`)
  await page.getByText('1 of 1').first().waitFor()
  await page.goto(taskPath)
  await page.locator('.head-line .state', { hasText: 'completed' }).waitFor()
  const log = await page.locator('.task-log').textContent()
  await page.goto('/errors?view=resolved')
  await page.locator('.error-row', { hasText: 'the basket of 17 is gone' }).waitFor()
  await page.goto('/activity')
  const activity = await page.locator('#panel').innerText()
  await screenshot(page, 'fault-story-activity')

  expect(log).toContain('\n214 tests pass with [secret SHOP_TOKEN]\n')
  expect(await stage.agents['ada']!.prompts()).toHaveLength(1)
  expect(activity).toMatch(/SHOP-1/)
  expect(activity).toMatch(/gave out\s+secret SHOP_TOKEN/)
  expect(complaints).toEqual([])
})

async function post(path: string, body: object): Promise<{ id: number }> {
  const answer = await admin.send<{ id: number; project?: { id: number } }>('POST', path, body)
  expect([path, answer.status, answer.body]).toEqual([path, 201, answer.body])
  return answer.body
}

/** With the SDK of Sentry as its makers publish it; its server's name is the node's. */
async function crashOnTheNode(): Promise<void> {
  const dsn = `${stage.dashboard.url.replace('://', '://key@')}/1`
  const args = ['--import', 'tsx', programPath('app/testing/sentry-crash'), dsn]
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'ignore' })
  await once(child, 'exit')
}

/** As on another machine: it knows the dashboard by its address and a token, and not the database. */
async function startWorkerOfItsOwn(): Promise<ChildProcess> {
  const { token } = await stage.dashboard.token(['work'], 'operator')
  const { DATABASE_URL: _, ...inherited } = process.env
  const own = { ARCHITECT_DATA: folder, ARCHITECT_URL: stage.dashboard.url, ARCHITECT_TOKEN: token }
  const child = spawn(process.execPath, [builtProgram('app/cli'), 'task-worker'], {
    env: { ...inherited, ...own },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
