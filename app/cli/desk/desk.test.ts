import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endAttempt } from '../../db/attempts.ts'
import { advancePrompt } from '../../db/prompts.ts'
import { runTagged } from '../../testing/claiming.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { startScriptedAgent } from '../../testing/scripted-agent/scripted-agent.ts'
import { paletteFor } from '../output/colour.ts'
import { Dashboard } from '../remote/dashboard.ts'
import { statusLines } from '../status.ts'
import type { Desk } from './desk.ts'
import { localDesk } from './local.ts'
import { remoteDesk } from './remote.ts'

let dashboard: TestDashboard
let token: string

beforeAll(async () => {
  dashboard = await startDashboard()
  token = (await dashboard.token(['read', 'prompts', 'sessions'], 'operator')).token
  await startScriptedAgent(dashboard.server, { name: 'dev', behaviour: {} })
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const desks: { name: string; open: () => Desk }[] = [
  { name: 'the database', open: () => localDesk(dashboard.web) },
  {
    name: "another machine's dashboard",
    open: () => remoteDesk(new Dashboard({ url: dashboard.url, token, saidBy: 'ARCHITECT_URL' })),
  },
]

describe.each(desks)('at $name', ({ name, open }) => {
  test('a prompt is queued with everything that it says', async () => {
    const desk = open()
    const soon = Date.now() + 60_000
    const input = {
      content: 'a\r\nb',
      priority: 7,
      target: { session: 'dev', agent: 'scripted', tier: 'worker', tag: 'x', dir: '/code', node: 'test' },
      timeoutMinutes: 5,
      maxRetries: 1,
      metadata: { camelCase: 1, snake_case: { innerKey: null } },
      staged: true,
      notBefore: soon,
      expiresAt: soon + 1,
      idempotencyKey: `key of ${name}`,
      context: 'fresh',
      agentCommand: true,
      repeatable: true,
    } as const

    const first = await desk.submit({ ...input, target: { ...input.target } })
    const second = await desk.submit({ ...input, target: { ...input.target } })

    const { notBefore: _notBefore, staged: _staged, ...same } = input
    expect(first).toMatchObject({ created: true, prompt: { ...same, content: 'a\nb', state: 'staged' } })
    expect(first.prompt).toMatchObject({ hold: 'not_before', wakeAt: soon })
    expect(second).toEqual({ created: false, prompt: first.prompt })
    expect(await desk.prompt(first.prompt.id)).toEqual(first.prompt)
  })

  test('prompts are listed beyond one page of the other side', async () => {
    const desk = open()
    const here = localDesk(dashboard.web)
    await Promise.all(Array.from({ length: 230 }, (_, n) => here.submit({ content: `${n}` })))

    const { items, nextCursor } = await desk.prompts({ states: ['pending'], limit: 220 })
    const rest = await desk.prompts({ states: ['pending'], limit: 5, before: nextCursor! })

    expect(items).toHaveLength(220)
    expect(new Set(items.map(({ id }) => id)).size).toBe(220)
    expect(rest.items[0]!.id).toBeLessThan(items.at(-1)!.id)
  })

  test('a prompt is steered, and refused in the same words', async () => {
    const desk = open()
    const { id } = (await desk.submit({ content: 'x', target: { tag: 'nobody' } })).prompt
    const staged = await desk.submit({ content: 'x', staged: true })
    const unwanted = await desk.submit({ content: 'x', staged: true })

    expect(await desk.cancel(id)).toMatchObject({ state: 'cancelled' })
    await expect(desk.cancel(id)).rejects.toMatchObject({
      code: 'conflict',
      message: `Cannot cancel prompt ${id}: it is cancelled.`,
    })
    expect(await desk.retry(id)).toMatchObject({ state: 'pending', retryCount: 1 })
    expect(await desk.reassign(id, 'dev')).toMatchObject({ target: { session: 'dev', tag: 'nobody' } })
    expect(await desk.reassign(id, null)).toMatchObject({ target: { tag: 'nobody' } })
    expect(await desk.approve(staged.prompt.id)).toMatchObject({ state: 'pending' })
    expect(await desk.reject(unwanted.prompt.id)).toMatchObject({ state: 'cancelled' })
    await expect(desk.interrupt(id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(desk.prompt(999_999)).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no prompt 999999.',
    })
    await expect(desk.submit({ content: '  ' })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('an attempt is shown with its answer and without what is between assigners', async () => {
    const desk = open()
    const { id } = (await desk.submit({ content: 'x', target: { tag: name } })).prompt
    const attempt = await runTagged(dashboard.web.database, name)
    const changes = { commits: ['abc'], files: ['a.ts'], addedLines: 3, removedLines: 1 }
    await dashboard.web.database.write(async (db) => {
      await endAttempt(db, attempt, 'completed', { answer: 'Done.', tokensOut: 12, changes }, Date.now())
      await advancePrompt(db, id, 'finish', {}, Date.now())
    })

    const [shown] = await desk.attempts(id)

    expect(shown).toMatchObject({ number: 1, outcome: 'completed', answer: 'Done.', tokensOut: 12, changes })
    expect(shown).not.toHaveProperty('token')
    expect(shown).not.toHaveProperty('leaseOwner')
  })

  test('a prompt that survived a restart is resolved', async () => {
    const desk = open()
    const { id } = (await desk.submit({ content: 'x', target: { tag: `${name} 2` } })).prompt
    await runTagged(dashboard.web.database, `${name} 2`)

    const suspended = await desk.suspend(id, { summary: 'look', requiresFollowUp: true })
    const resolved = await desk.resolve(id, 'failed')

    expect(suspended).toMatchObject({ state: 'restarting', reason: 'look', requiresFollowUp: true })
    expect(resolved).toMatchObject({ state: 'failed' })
    expect(await desk.retryAll()).toContain(id)
  })

  test('the status is in words', async () => {
    const desk = open()

    const lines = await statusLines(desk, paletteFor({}, {}))
    const { prompts } = await desk.figures()

    expect(lines.find((line) => line.startsWith('Assigner'))).toMatch(/not running/)
    expect(lines.find((line) => line.startsWith('Sessions'))).toMatch(/1 idle/)
    expect(lines.find((line) => line.startsWith('Queue'))).toContain(`${prompts.pending} waiting`)
    expect(await desk.assignerRuns()).toBe(false)
    expect(prompts.in_progress).toBe(0)
  })

  test('sessions are listed, and changed by name, pane or with their node', async () => {
    const desk = open()
    const [session] = await desk.sessions()

    const tagged = await desk.changeSession('dev', { addTags: ['a', 'b'], tier: 'manager' })
    const untagged = await desk.changeSession(session!.paneId, { removeTags: ['a'] })
    const paused = await desk.pause('test/dev')
    const resumed = await desk.resume('dev')
    const cleared = await desk.changeSession('test/dev:0.0', { tags: [], tier: 'worker' })

    expect(session).toMatchObject({ name: 'dev', agent: 'scripted', acceptsPrompt: true })
    expect(tagged).toMatchObject({ name: 'dev', node: 'test', tier: 'manager', tags: ['a', 'b'] })
    expect(untagged).toMatchObject({ tags: ['b'], tier: 'manager', paused: false })
    expect([paused, resumed]).toEqual(['dev', 'dev'])
    expect(cleared).toMatchObject({ tags: [], paused: false })
    await expect(desk.changeSession('dex', { paused: true })).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no session "dex". Did you mean "dev"?',
    })
  })

  test('a prompt is escalated to a person, or to the session that delegated it where one did', async () => {
    const desk = open()
    const { prompt } = await desk.submit({ content: 'Choose' })
    const early = desk.escalate(prompt.id, 'Which?')
    await expect(early).rejects.toMatchObject({
      message: expect.stringMatching(/has not been with any session/),
    })
    await dashboard.web.database.write(async (db) => {
      const place = { session_key: 'test/default/%0', session_name: 'dev' }
      await db.updateTable('prompts').set(place).where('id', '=', prompt.id).execute()
    })

    const asked = await desk.escalate(prompt.id, 'Which?')

    expect(asked).toEqual({ asked: 'person', taskId: expect.any(Number) })
    await expect(desk.escalate(prompt.id, 'Which?', 'parent')).rejects.toMatchObject({
      code: 'conflict',
      message: `No session delegated prompt ${prompt.id}. Ask a person.`,
    })
    await desk.cancel(prompt.id)
  })

  test('the queue is paused, drained, opened and cleared', async () => {
    const desk = open()

    await desk.pause(null)
    const { controls: paused } = await desk.figures()
    await desk.drain()
    await desk.resume(null)
    const { controls } = await desk.figures()

    expect(paused.paused).toBe(true)
    expect(controls).toMatchObject({ paused: false, draining: false })
    expect(await desk.clear({ days: 1 })).toBe(0)
    expect(await desk.clear({})).toBeGreaterThan(0)
  })

  test('what happens is followed soon, in order, without gaps, until it is enough', async () => {
    const desk = open()
    const leaving = new AbortController()
    const cursor = await desk.endOfLog()
    const seen: string[] = []
    const following = (async () => {
      for await (const { type, data } of desk.follow(cursor, leaving.signal, { noun: 'prompt' })) {
        seen.push(type)
        if (data['state'] === 'cancelled' && seen.length >= 40) return Date.now()
      }
      return 0
    })()

    for (let n = 0; n < 20; n += 1) await desk.cancel((await desk.submit({ content: 'x' })).prompt.id)
    const doneAt = Date.now()
    const seenAt = await following

    expect(seen).toEqual(Array.from({ length: 20 }, () => ['submit', 'cancel']).flat())
    expect(seenAt - doneAt).toBeLessThan(15_000)
    leaving.abort()
  })

  test('following ends at once when it is told to', async () => {
    const desk = open()
    const leaving = new AbortController()
    const startedAt = Date.now()
    setTimeout(() => leaving.abort(), 100)

    for await (const event of desk.follow(await desk.endOfLog(), leaving.signal)) expect(event).toBeNull()

    expect(Date.now() - startedAt).toBeLessThan(15_000)
  })
})
