import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submit } from '../broker/commands.ts'
import { askHuman } from '../broker/human-tasks/ask.ts'
import type { NewPattern } from '../core/pattern.ts'
import { noFacts } from '../core/node.ts'
import { includesRole, roles, type Role } from '../core/account.ts'
import { openInteraction } from '../db/interaction/open.ts'
import { addNode, introduceNode } from '../db/node/write.ts'
import { createMilestone } from '../db/milestone/write.ts'
import { createPattern } from '../db/pattern/change.ts'
import { createProject } from '../db/project/write.ts'
import type { Db } from '../db/schema.ts'
import { createServiceAccount } from '../db/service-account/write.ts'
import { submitTask } from '../db/task/submit.ts'
import { createWork } from '../db/work/create.ts'
import { askedByWeb } from '../testing/asked.ts'
import { populate } from '../testing/browser/fleet.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { recordError } from '../errors/record-error.ts'
import { failedRun } from '../testing/browser/source-fleet.ts'
import { keepSuggestions } from '../db/suggestion/suggestions.ts'
import { keepTestRun } from '../db/test-run/test-runs.ts'
import { createSchedule } from '../tasks/schedules.ts'
import { createSecret } from '../vault/secrets.ts'
import { panelPath } from './page.ts'
import { pages } from './pages.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
  const { database, host, clock, vault } = dashboard.web
  const by = { kind: 'user', name: 'ada', address: null } as const
  await populate(database, host.node, Date.now())
  for (let id = 1; id <= 9; id++) {
    await createSecret({ database, clock, vault, by }, { name: `SECRET_${id}`, value: 'one' })
    await askHuman(database, { node: host.node, session: 'web', question: 'Which?' }, Date.now())
    await database.write(async (db) => {
      await openInteraction(db, askedByWeb(), Date.now())
      const rule: NewPattern = { name: 'tests', effect: 'allow', conditions: { commands: ['npm test'] } }
      await createPattern(db, rule, { createdBy: 'ada', madeFrom: 1 }, Date.now())
      await addNode(db, { name: `node-${id}`, kind: 'agent', tags: [] }, Date.now())
      await recordError(db, { ...reported, message: `row ${id} is missing` }, Date.now())
      await submitTask(db, { type: 'shell', data: {}, createdBy: 'ada' }, Date.now())
      await createSchedule(db, { ...nightly, name: `nightly ${id}` }, Date.now())
      await writeDownWork(db, `Shop ${id}`, id === 9 ? shopFolder() : null, Date.now())
      await createServiceAccount(db, { ...account, loginName: `bot-${id}` }, 'ada', Date.now())
      await keepTestRun(db, failedRun(Date.now()), 'ada', Date.now())
    })
  }
  await database.write((db) => keepSuggestions(db, suggested, ['error'], Date.now()))
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const account = { service: 'github', node: '', status: 'active', description: '', secretId: null } as const

const nightly = {
  cron: '0 3 * * *',
  task: { type: 'shell', data: { command: 'true' }, secrets: ['SECRET_1'] },
  createdBy: 'ada',
}

const reported = {
  errorType: 'error',
  node: 'test',
  source: 'a.py',
  stack: null,
  session: null,
  metadata: {},
}

const suggested = Array.from({ length: 9 }, (_, n) => ({
  key: `error:${n}`,
  source: 'error' as const,
  title: 'Fix it',
  description: 'It broke.',
  priority: 5,
  projectId: null,
  ref: String(n),
  sightedAt: null,
}))

/** With the file that the page of a file shows. */
function shopFolder(): string {
  const folder = join(dashboard.server.folder, 'shop')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.txt'), 'a\n')
  return folder
}

/** A project of its own, with a milestone and a bug. */
async function writeDownWork(db: Db, name: string, rootPath: string | null, now: number) {
  const words = { name, description: '', rootPath, repositoryUrl: null, metadata: {} }
  const { id: projectId } = await createProject(db, words, 'ada', now)
  const dated = { projectId, name: 'v1', description: '', targetDate: null }
  const { id: milestoneId } = await createMilestone(db, dated, 'ada', now)
  const bug = { kind: 'bug', severity: 'low', title: 'It breaks', description: '', priority: 0 } as const
  await createWork(db, { ...bug, projectId, milestoneId, assignee: null, metadata: {} }, 'ada', now)
}

const html = { headers: { accept: 'text/html,*/*;q=0.8' } }

/** An address of a page, with parameters of something that is there. */
function addressOf(path: string): string {
  const parameters: Record<string, string> = {
    id: '9',
    node: 'test',
    server: 'default',
    pane: '0',
    name: 'delivery',
    word: 'run',
    phase: 'tidy',
  }
  const address = path.replace(/:(\w+)/g, (_, name: string) => parameters[name] ?? '')
  return path === '/projects/:id/file' ? `${address}?path=a.txt` : address
}

const closed = pages.filter(({ access }) => access !== 'public')

test.each(closed.map(({ path }) => addressOf(path)))(
  '%s leads a stranger to the login, its panel is refused',
  async (path) => {
    const page = await dashboard.anonymous.fetch(path, html)
    const panel = await dashboard.anonymous.fetch(panelPath(path), html)

    expect(page.status).toBe(302)
    expect(page.headers.get('location')).toMatch(/^\/login(\?next=%2F|$)/)
    expect(panel.status).toBe(401)
  },
)

describe.each(roles)('for somebody with the role %s', (role: Role) => {
  test('every page and panel is there, or refused when it takes a higher role', async () => {
    const client = await dashboard.signIn(role)

    for (const { path, access } of closed) {
      const expected = access === 'public' || includesRole(role, access.role) ? 200 : 403
      for (const address of [addressOf(path), panelPath(addressOf(path))]) {
        const response = await client.fetch(address, html)
        expect(`${address}: ${response.status}`).toBe(`${address}: ${expected}`)
      }
    }
  })
})

test('only the login is open to everybody', () => {
  expect(pages.filter(({ access }) => access === 'public').map(({ path }) => path)).toEqual(['/login'])
})

test('a token without the scope to read sees no page', async () => {
  const token = await dashboard.token(['prompts'])

  expect((await token.fetch('/panels/queue')).status).toBe(403)
})

test('no cache keeps a page or a panel', async () => {
  const client = await dashboard.signIn('viewer')

  for (const path of ['/', '/panels/overview', '/prompts/5', '/panels/prompts/5']) {
    expect((await client.fetch(path, html)).headers.get('cache-control')).toBe('no-store')
  }
})

test('no page has anything inline that its policy would refuse', async () => {
  const client = await dashboard.signIn('admin')

  for (const { path } of pages) {
    const text = await (await client.fetch(addressOf(path), html)).text()
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+="/i)
  }
})

test('text of people stays text, wherever it is shown', async () => {
  const evil = `"><img src=x onerror=alert(1)><script>alert('1')</script>{{ 7 * 7 }}`
  const { prompt } = await submit(
    dashboard.web.database,
    { content: evil, target: { tag: evil } },
    Date.now(),
  )
  const facts = { ...noFacts, model: evil, os: evil, addresses: [evil.slice(0, 60)] }
  await dashboard.web.database.write((db) => introduceNode(db, 9, { facts, agentVersion: evil }))
  const client = await dashboard.signIn('admin')
  const q = encodeURIComponent(evil)

  for (const path of [
    '/',
    '/nodes',
    '/nodes/9',
    '/nodes/9/settings',
    `/nodes?q=${q}`,
    `/nodes/invite?name=${encodeURIComponent('"><script>')}`,
    '/queue',
    `/queue?q=${q}&session=${q}`,
    `/sessions?q=${q}`,
    `/activity?who=${q}`,
    `/prompts/${prompt.id}`,
    `/prompts/${prompt.id}/edit`,
    `/prompts/new?like=${prompt.id}&session=${q}`,
    `/search?q=${q}`,
    `/documentation?q=${q}`,
    `/nowhere/${q}`,
  ]) {
    const text = await (await client.fetch(path, html)).text()
    expect(text).not.toContain('<img')
    expect(text).not.toContain("<script>alert('1')")
    expect(text).not.toContain('7 * 7 }}49')
  }
})

test('odd questions get a page, not a fault', async () => {
  const client = await dashboard.signIn('viewer')

  for (const path of [
    '/queue?page=0&view=never&sort=none&sort=twice',
    '/queue?page=999999999999',
    '/queue?q=%25%25%5F%5C',
    '/queue?q=' + 'a'.repeat(199),
    '/sessions?state=never&page=-1&as=cube',
    '/activity?before=abc&on=nothing',
    '/prompts/5?attempt=99',
    '/login?next=//elsewhere.example',
    '/settings/retention?event_days=-5&prompt_days=abc',
  ]) {
    expect(`${path}: ${(await client.fetch(path, html)).status}`).toBe(`${path}: 200`)
  }
  expect((await client.fetch('/prompts/abc', html)).status).toBe(400)
  expect((await client.fetch('/prompts/999999', html)).status).toBe(404)
  expect((await client.fetch('/sessions/a/b/999', html)).status).toBe(404)
  expect((await client.fetch('/documentation/..%2F..%2Fpackage', html)).status).toBe(404)
})

test('the way back after a login stays on this host', async () => {
  const page = await dashboard.anonymous.fetch('/login?next=//elsewhere.example/x', html)

  expect(await page.text()).toContain('name="next" value="/"')
})
