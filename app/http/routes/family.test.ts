import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAttempt } from '../../db/attempts.ts'
import { advancePrompt } from '../../db/prompts.ts'
import { saveSession, type StoredSession } from '../../db/sessions.ts'
import { runTagged } from '../../testing/claiming.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

interface Sent {
  prompt_id: number
  prompt: Record<string, unknown>
  error: { code: string; message: string }
}
interface Tree {
  nodes: { id: number; level: number; title: string }[]
}

let dashboard: TestDashboard
let client: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'prompts', 'sessions'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

function send(body: object) {
  return client.send<Sent>('POST', '/api/assigner/send', body)
}

/** An agent on another machine. */
async function showSession(name: string) {
  const row: StoredSession = {
    key: `pi/default/%${name.length}`,
    node: 'pi',
    server: 'default',
    paneId: `%${name.length}`,
    name,
    address: `${name}:0.0`,
    agent: 'claude',
    version: '2.1.0',
    generation: '1-2/3-4',
    state: 'idle',
    since: 1,
    acceptsPrompt: true,
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '/code',
    title: '',
    rule: 'claude/idle',
    typedAt: null,
    promptId: null,
    seenAt: 1,
  }
  await dashboard.web.database.write((db) => saveSession(db, row))
}

/** A prompt with one part that was completed. */
async function family(tag: string): Promise<{ whole: number; part: number }> {
  const { database } = dashboard.web
  const whole = await send({ content: 'Build the shop', target_tag: `${tag}-whole` })
  const part = await send({
    content: 'Build the till',
    target_tag: `${tag}-part`,
    kind: 'code',
    parent: whole.body.prompt_id,
  })
  const attempt = await runTagged(database, `${tag}-part`)
  await database.write(async (db) => {
    await endAttempt(db, attempt, 'completed', { answer: 'a box' }, Date.now())
    await advancePrompt(db, attempt.promptId, 'finish', {}, Date.now())
  })
  return { whole: whole.body.prompt_id, part: part.body.prompt_id }
}

test('parts are listed and drawn as a tree, on the page of each of them too', async () => {
  const { whole, part } = await family('tree')
  const browser = await dashboard.signIn('operator')

  const children = await client.get<{ items: unknown[] }>(`/api/prompts/${whole}/children`)
  const tree = await client.get<Tree>(`/api/prompts/${part}/tree`)
  const page = await browser.get<string>(`/prompts/${part}`)
  const queue = await browser.get<string>('/queue')

  expect(children.body.items).toMatchObject([{ id: part, parent: whole, kind: 'code', report: 'due' }])
  expect(tree.body.nodes).toMatchObject([
    { id: whole, level: 0, title: 'Build the shop' },
    { id: part, level: 1 },
  ])
  expect(page.body).toContain(`href="/prompts/${whole}"`)
  expect(page.body).toContain('Send back')
  const folded = queue.body.slice(queue.body.indexOf(`href="/prompts/${whole}"`))
  expect(folded.slice(folded.indexOf('<details'), folded.indexOf('</details>'))).toContain(
    `href="/prompts/${part}"`,
  )
})

test('a result is sent back with a comment, which its page shows as what is said next, and accepted', async () => {
  const { part } = await family('review')
  const review = (body: object) => client.send<Sent>('POST', `/api/prompts/${part}/review`, body)
  const browser = await dashboard.signIn('viewer')

  const silent = await review({ decision: 'send_back', comment: '  ' })
  const back = await review({ decision: 'send_back', comment: 'with a drawer' })
  const page = await browser.get<string>(`/prompts/${part}`)
  const early = await review({ decision: 'accept' })
  const activity = await client.get<{ items: { type: string; actor: { kind: string } }[] }>(
    `/api/activity?noun=prompt&noun_id=${part}`,
  )

  expect([silent.status, back.status, early.status]).toEqual([400, 200, 409])
  expect(back.body.prompt).toMatchObject({
    state: 'pending',
    review: 'sent_back',
    next_text: 'with a drawer',
  })
  expect(page.body).toContain('What is said next')
  expect(page.body).not.toContain('name="decision"')
  expect(activity.body.items[0]).toMatchObject({ type: 'send_back', actor: { kind: 'token' } })
})

test('what the hierarchy is against is refused with the reason, and goes through by force', async () => {
  await showSession('architect')
  await showSession('dev')
  const settings = (body: object) => client.send('PATCH', '/api/tmux/sessions/settings', body)
  await settings({ session: 'pi/architect', tier: 'manager' })
  const led = await settings({ session: 'pi/dev', manager: 'architect' })

  const refused = await send({ content: 'x', target_session: 'pi/dev' })
  const forced = await send({ content: 'x', target_session: 'pi/dev', force: true })
  const moved = await client.send<Sent>('POST', `/api/assigner/prompts/${forced.body.prompt_id}/reassign`, {
    target_session: 'dev',
  })
  const told = await client.send<{ sessions: string[] }>('POST', '/api/agents/broadcast', {
    message: 'hello',
  })

  expect(led.body).toMatchObject({ settings: { manager: 'architect' } })
  expect(refused.status).toBe(403)
  expect(refused.body.error.message).toBe(
    'dev belongs to manager architect; send it to architect, or use --force.',
  )
  expect(forced.status).toBe(200)
  expect(moved.status).toBe(403)
  expect(told.body.sessions).toContain('dev')
})

test('a mistake in hierarchy.yaml is named with its line to whoever sends what it decides about', async () => {
  const path = join(dashboard.web.config.dataDir, 'hierarchy.yaml')
  writeFileSync(path, 'send:\n  - {from: boss, to: worker}\n')

  const { status, body } = await send({ content: 'x', kind: 'code' })

  writeFileSync(path, '')
  expect(status).toBe(400)
  expect(body.error.message).toContain('hierarchy.yaml, line 2: send.0.from')
})
