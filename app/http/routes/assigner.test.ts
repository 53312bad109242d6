import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Prompt } from '../../core/prompt.ts'
import { suspend } from '../../broker/commands.ts'
import { eventsAfter } from '../../db/events.ts'
import { advancePrompt } from '../../db/prompts.ts'
import type { Json } from '../../json.ts'
import { runTagged } from '../../testing/claiming.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { startScriptedAgent } from '../../testing/scripted-agent/scripted-agent.ts'

/** What the replies here hold, each some of it. */
interface Body {
  prompt_id: number
  created: boolean
  prompt: Json<Prompt>
  items: { id: number }[]
  next_cursor: number | null
  cursor: number
  stats: Record<string, number>
  active_assignments: object[]
  prompt_ids: number[]
  deleted: number
  healthy: boolean
  problems: string[]
  error: { message: string; request_id: string }
}

let dashboard: TestDashboard
let operator: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  operator = await dashboard.token(['read', 'prompts'], 'operator')
  await startScriptedAgent(dashboard.server, { name: 'dev_claude', behaviour: {} })
})
afterAll(() => dashboard[Symbol.asyncDispose]())

async function send(body: object): Promise<number> {
  const { status, body: reply } = await operator.send<Body>('POST', '/api/assigner/send', body)
  if (status !== 200) throw new Error(JSON.stringify(reply))
  return reply.prompt_id
}

describe('POST /api/assigner/send', () => {
  test("the documents' body is queued as it says", async () => {
    const { status, body } = await operator.send<Body>('POST', '/api/assigner/send', {
      content: 'Fix the authentication bug in app.py',
      priority: 5,
      target_session: 'dev_claude',
      timeout_minutes: 60,
      metadata: { project: 'auth', camelCase: { as_it_is: true } },
    })

    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, created: true, assigner_running: false })
    expect(body.prompt).toMatchObject({
      id: body.prompt_id,
      state: 'pending',
      priority: 5,
      target: { session: 'dev_claude' },
      timeout_minutes: 60,
      metadata: { project: 'auth', camelCase: { as_it_is: true } },
    })
  })

  test('nulls are as good as nothing, and the same key is the same prompt', async () => {
    const body = { content: 'once', priority: null, target_session: null, idempotency_key: 'k-1' }

    const first = await operator.send<Body>('POST', '/api/assigner/send', body)
    const second = await operator.send<Body>('POST', '/api/assigner/send', body)

    expect(first.body.created).toBe(true)
    expect(second.body).toMatchObject({ prompt_id: first.body.prompt_id, created: false })
  })

  test.each([
    [{}, 400, /content/],
    [{ content: '' }, 400, /empty/],
    [{ content: 'x', target: 'dev' }, 400, /target/],
    [{ content: 'x', priority: 11 }, 400, /priority/],
    [{ content: 'x', priority: '5' }, 400, /priority/],
    [{ content: 'x', timeout_minutes: -1 }, 400, /timeout/],
    [{ content: '/clear' }, 400, /command/],
    [{ content: '\ud800' }, 400, /Unicode/],
    [{ content: 'x', target_session: 'nobody' }, 404, /no session "nobody"/],
    [{ content: 'x', after: [999_999] }, 400, /no prompt 999999/],
    [{ content: 'x', metadata: [] }, 400, /metadata/],
    [[], 400, /object/],
  ])('%j is refused with %i', async (body, status, message) => {
    const reply = await operator.send<Body>('POST', '/api/assigner/send', body)

    expect(reply.status).toBe(status)
    expect(reply.body.error).toMatchObject({ message: expect.stringMatching(message) })
    expect(reply.body.error.request_id).toBe(reply.headers.get('x-request-id'))
  })
})

describe('a prompt', () => {
  test('is shown, changed while it waits, and cancelled', async () => {
    const id = await send({ content: 'first' })
    const path = `/api/assigner/prompts/${id}`
    const shown = await operator.get<Body>(path)

    const edited = await operator.send<Body>('PUT', path, { content: 'second\r\n', priority: 7, version: 1 })
    const late = await operator.send<Body>('PUT', path, { priority: 1, version: 1 })
    const cancelled = await operator.send<Body>('DELETE', path)
    const again = await operator.send<Body>('DELETE', path)

    expect(shown.body).toMatchObject({
      id,
      state: 'pending',
      content: 'first',
      attempt_list: [],
      answer: null,
    })
    expect(edited.body.prompt).toMatchObject({ content: 'second', priority: 7, timeout_minutes: 30 })
    expect(late).toMatchObject({ status: 409 })
    expect(cancelled.body).toMatchObject({ success: true, prompt: { state: 'cancelled' } })
    expect(again.status).toBe(409)
    expect(again.body.error.message).toBe(`Cannot cancel prompt ${id}: it is cancelled.`)
  })

  test('an edit of the target replaces the whole of it, and null takes it away', async () => {
    const id = await send({ content: 'x', target_session: 'dev_claude', target_tag: 'web' })

    const moved = await operator.send<Body>('PUT', `/api/assigner/prompts/${id}`, { target_session: null })

    expect(moved.body.prompt.target).toEqual({})
  })

  test('an edit cannot turn a prompt into a command of its agent', async () => {
    const id = await send({ content: 'x' })

    const reply = await operator.send<Body>('PUT', `/api/assigner/prompts/${id}`, { content: '!rm -rf .' })

    expect(reply.status).toBe(400)
  })

  test('staged, it waits for approval or is rejected', async () => {
    const [good, bad] = [
      await send({ content: 'x', staged: true }),
      await send({ content: 'x', staged: true }),
    ]

    const approved = await operator.send<Body>('POST', `/api/assigner/prompts/${good}/approve`)
    const rejected = await operator.send<Body>('POST', `/api/assigner/prompts/${bad}/reject`)

    expect(approved.body.prompt.state).toBe('pending')
    expect(rejected.body.prompt).toMatchObject({ state: 'cancelled', reason: 'rejected' })
  })

  test('ended, it is retried or reassigned', async () => {
    const id = await send({ content: 'x' })
    await operator.send<Body>('DELETE', `/api/assigner/prompts/${id}`)

    const retried = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/retry`)
    const moved = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/reassign`, {
      target_session: 'dev_claude',
    })
    const nowhere = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/reassign`, {
      target_session: 'ghost',
    })

    expect(retried.body.prompt).toMatchObject({ state: 'pending', retry_count: 1 })
    expect(moved.body.prompt.target).toEqual({ session: 'dev_claude' })
    expect(nowhere.status).toBe(404)
  })

  test('running, it is interrupted and not cancelled', async () => {
    const id = await running()

    const cancelled = await operator.send<Body>('DELETE', `/api/assigner/prompts/${id}`)
    const interrupted = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/interrupt`)

    expect(cancelled.body.error.message).toMatch(/interrupt it first/)
    expect(interrupted.body.prompt.interrupt_requested_at).toBeGreaterThan(0)
  })

  test('after a restart a person says what came of it', async () => {
    const { database } = dashboard.web
    const id = await running()
    await suspend(database, id, { summary: 'check the port', requiresFollowUp: true }, Date.now())

    const reply = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/resolve`, {
      as: 'completed',
    })
    const twice = await operator.send<Body>('POST', `/api/assigner/prompts/${id}/resolve`, {
      as: 'completed',
    })

    expect(reply.body.prompt.state).toBe('completed')
    expect(twice.status).toBe(409)
  })

  test.each(['0', '-1', '1.5', 'x', '1e3', '99999999999999999999'])(
    'the number %s is refused',
    async (number) => {
      expect((await operator.get<Body>(`/api/assigner/prompts/${number}`)).status).toBe(400)
    },
  )

  test('one that is not there is not found', async () => {
    expect((await operator.get<Body>('/api/assigner/prompts/999999')).status).toBe(404)
  })
})

describe('metadata', () => {
  test('of more than 64 kB is refused, sent or edited', async () => {
    const metadata = { log: 'x'.repeat(65_536) }
    const id = await send({ content: 'x' })

    const sent = await operator.send<Body>('POST', '/api/assigner/send', { content: 'x', metadata })
    const edited = await operator.send<Body>('PUT', `/api/assigner/prompts/${id}`, { metadata })

    expect([sent.status, edited.status]).toEqual([400, 400])
    expect(sent.body).toMatchObject({ error: { message: expect.stringContaining('65,536 bytes at most') } })
  })
})

describe('lists', () => {
  test('prompts come in pages, the newest first, and only of the states asked for', async () => {
    const ids = [await send({ content: '1' }), await send({ content: '2' }), await send({ content: '3' })]

    const first = await operator.get<Body>('/api/assigner/prompts?status=pending&limit=2')
    const second = await operator.get<Body>(
      `/api/assigner/prompts?status=pending,staged&limit=1&cursor=${first.body.next_cursor}`,
    )

    expect(first.body.items.map(({ id }: { id: number }) => id)).toEqual([ids[2], ids[1]])
    expect(second.body.items.map(({ id }: { id: number }) => id)).toEqual([ids[0]])
  })

  test('of a long prompt there is the beginning, and its length', async () => {
    const content = 'é'.repeat(300_000)
    const id = await send({ content })

    const { body } = await operator.get<Body>('/api/assigner/prompts?limit=1')
    const whole = await operator.get<{ content: string }>(`/api/assigner/prompts/${id}`)

    expect(body.items[0]).toMatchObject({ id, content: 'é'.repeat(4_000), content_length: 300_000 })
    expect(whole.body.content).toBe(content)
  })

  test.each(['limit=0', 'limit=201', 'limit=x', 'cursor=-1', 'status=nonsense', 'limit=1&limit=2'])(
    '?%s is refused',
    async (query) => {
      expect((await operator.get<Body>(`/api/assigner/prompts?${query}`)).status).toBe(400)
    },
  )

  test('sessions are seen although no assigner runs', async () => {
    const { body } = await operator.get<Body>('/api/assigner/sessions')

    expect(body.items).toMatchObject([{ name: 'dev_claude', agent: 'scripted', settings: null }])
    expect(body.next_cursor).toBeNull()
  })
})

describe('the queue', () => {
  test('its status is as new as the last event', async () => {
    const before = await operator.get<Body>('/api/assigner/status')
    await send({ content: 'one more' })
    const after = await operator.get<Body>('/api/assigner/status')

    expect(after.body.stats['pending']).toBe(before.body.stats['pending']! + 1)
    expect(after.body.cursor).toBeGreaterThan(before.body.cursor)
    expect(after.body).toMatchObject({ success: true, assigner: { running: false } })
    expect(after.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('what runs stands among the active assignments', async () => {
    const id = await running()

    const { body } = await operator.get<Body>('/api/assigner/status')

    expect(body.active_assignments).toContainEqual(
      expect.objectContaining({ prompt_id: id, state: 'in_progress', session: 'web' }),
    )
  })

  test('is paused, resumed and drained', async () => {
    const paused = await operator.send<Body>('POST', '/api/assigner/pause')
    const resumed = await operator.send<Body>('POST', '/api/assigner/resume', {})
    const drained = await operator.send<Body>('POST', '/api/assigner/drain')
    const open = await operator.send<Body>('POST', '/api/assigner/resume')
    const one = await operator.send<Body>('POST', '/api/assigner/pause', { session: 'dev_claude' })
    const none = await operator.send<Body>('POST', '/api/assigner/pause', { session: 'ghost' })

    expect(paused.body).toEqual({ success: true, session: null, paused: true, draining: false })
    expect(resumed.body).toMatchObject({ paused: false })
    expect(drained.body).toMatchObject({ draining: true })
    expect(open.body).toMatchObject({ paused: false, draining: false })
    expect(one.body).toMatchObject({ session: 'dev_claude', paused: false })
    expect(none.status).toBe(404)
  })

  test('its health names what is wrong in sentences', async () => {
    const { body } = await operator.get<Body>('/api/assigner/tasks/health')

    expect(body.healthy).toBe(false)
    expect(body.problems).toContain('Prompts wait and no assigner runs; ./deploy.sh starts one.')
  })

  test('failed prompts are retried together, and cancelled ones cleared away', async () => {
    const id = await running()
    await dashboard.web.database.write((db) => advancePrompt(db, id, 'fail', {}, Date.now()))
    const gone = await send({ content: 'x' })
    await operator.send<Body>('DELETE', `/api/assigner/prompts/${gone}`)

    const retried = await operator.send<Body>('POST', '/api/assigner/retry-all')
    const cleared = await operator.send<Body>('POST', '/api/assigner/clear', {})

    expect(retried.body.prompt_ids).toContain(id)
    expect(cleared.body.deleted).toBeGreaterThan(0)
    expect((await operator.get<Body>(`/api/assigner/prompts/${gone}`)).status).toBe(404)
  })
})

test('a viewer looks and changes nothing, and nobody else gets in', async () => {
  const id = await send({ content: 'x' })
  const viewer = await dashboard.signIn('viewer')
  const reader = await dashboard.token(['read'], 'admin')

  const replies = await Promise.all([
    viewer.get('/api/assigner/status'),
    viewer.send('POST', '/api/assigner/send', { content: 'x' }),
    viewer.send('DELETE', `/api/assigner/prompts/${id}`),
    reader.send('POST', `/api/assigner/prompts/${id}/retry`),
    dashboard.anonymous.get('/api/assigner/status'),
    dashboard.anonymous.send('POST', '/api/assigner/send', { content: 'x' }),
  ])

  expect(replies.map(({ status }) => status)).toEqual([200, 403, 403, 403, 401, 401])
})

test('the log says who did it, and from where', async () => {
  const id = await send({ content: 'x' })
  await operator.send<Body>('DELETE', `/api/assigner/prompts/${id}`)

  const events = await eventsAfter(dashboard.web.database.kysely, 0, {
    limit: 10,
    noun: 'prompt',
    nounId: String(id),
  })

  const actor = { kind: 'token', name: expect.stringMatching(/^test-operator\//), address: '127.0.0.1' }
  expect(events.map((event) => [event.type, event.actor])).toEqual([
    ['submit', actor],
    ['cancel', actor],
  ])
})

let tags = 0

/** A prompt that some session works on. */
async function running(): Promise<number> {
  tags += 1
  const id = await send({ content: 'runs', target_tag: `t${tags}` })
  await runTagged(dashboard.web.database, `t${tags}`)
  return id
}

test('however many ask at the same time, whoever has written reads what was written', async () => {
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const id = await send({ content: 'x', target_tag: 'nobody' })
        const { body } = await operator.get<Body>('/api/assigner/status')
        const [newest] = await eventsAfter(dashboard.web.database.kysely, 0, {
          limit: 1,
          noun: 'prompt',
          nounId: String(id),
        })
        return body.cursor - newest!.id
      }),
    )
    expect(Math.min(...answers)).toBeGreaterThanOrEqual(0)
  }
})
