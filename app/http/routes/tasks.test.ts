import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { startDashboard, testPassword, type Client, type TestDashboard } from '../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client
let worker: Client
let aheadMs = 0

beforeAll(async () => {
  dashboard = await startDashboard({ clock: { ...systemClock, now: () => Date.now() + aheadMs } })
  person = await dashboard.token(['read', 'tasks'], 'operator')
  worker = await dashboard.token(['work'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Made {
  id: number
  task: Record<string, unknown>
}
interface Claimed {
  task: { id: number } | null
  run_id: number
  epoch: number
}

async function create(body: object): Promise<number> {
  const answer = await person.send<Made>('POST', '/api/tasks', body)
  expect(answer.status).toBe(201)
  return answer.body.id
}

async function register(types: string[], name = 'w'): Promise<number> {
  const body = {
    name,
    types,
    own_types: types.map((type) => ({ type, about: '', schema: null, timeout_ms: 0, max_retries: 0 })),
  }
  const answer = await worker.send<{ worker_id: number }>('POST', '/api/workers/register', body)
  expect(answer.body).toMatchObject({ success: true, heartbeat_ms: 10_000, lease_ms: 30_000 })
  return answer.body.worker_id
}

const claim = async (worker_id: number) =>
  (await worker.send<Claimed>('POST', '/api/tasks/claim', { worker_id })).body

const show = async (id: number) => (await person.get<Record<string, unknown>>(`/api/tasks/${id}`)).body

test('a task goes from its making over claim, heartbeat and log to its end', async () => {
  const worker_id = await register(['test.whole'])
  const id = await create({ type: 'test.whole', data: { camelCase: 1 }, name: 'Whole' })

  const { task, run_id, epoch } = await claim(worker_id)
  const held = { run_id, epoch }
  const beat = await worker.send('POST', `/api/tasks/${id}/heartbeat`, held)
  const parts = [{ at: 0, bytes: 3, text: 'hi\n' }]
  await worker.send('POST', `/api/tasks/${id}/logs`, { ...held, parts })
  const done = await worker.send('POST', `/api/tasks/${id}/complete`, {
    ...held,
    exit_code: 0,
    peak_memory_bytes: 5_000_000,
    result: { keptKey: 1 },
  })

  expect(task).toMatchObject({ id, type: 'test.whole', data: { camelCase: 1 } })
  expect(beat).toMatchObject({ status: 200, body: { cancel: false } })
  expect(done).toMatchObject({ status: 200, body: { task: { status: 'completed' } } })
  expect(await show(id)).toMatchObject({
    state: 'completed',
    result: { keptKey: 1 },
    run_list: [{ outcome: 'completed', exit_code: 0, peak_memory_bytes: 5_000_000, log_tail: 'hi\n' }],
  })
  expect((await person.get<{ text: string }>(`/api/tasks/${id}/logs`)).body.text).toBe('hi\n')
})

test('whoever names an earlier epoch, or another run, changes nothing', async () => {
  const worker_id = await register(['test.fence'])
  const id = await create({ type: 'test.fence' })
  const other = await create({ type: 'test.fence' })
  const { run_id, epoch } = await claim(worker_id)

  const answers = [
    await worker.send('POST', `/api/tasks/${id}/complete`, { run_id, epoch: epoch + 1 }),
    await worker.send('POST', `/api/tasks/${id}/heartbeat`, { run_id, epoch: epoch + 1 }),
    await worker.send('POST', `/api/tasks/${id}/logs`, {
      run_id,
      epoch: epoch + 1,
      parts: [{ at: 0, bytes: 1, text: 'x' }],
    }),
    await worker.send('POST', `/api/tasks/${id}/secrets`, { run_id, epoch: epoch + 1 }),
    await worker.send('POST', `/api/tasks/${other}/complete`, { run_id, epoch }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409, 404])
  expect(answers[0]!.body).toMatchObject({
    error: { code: 'conflict', message: expect.stringContaining('(lease 1, not 2)') },
  })
  expect(await show(id)).toMatchObject({ state: 'running' })
})

test('a worker hears of a cancelled run by its heartbeat, and of one that is not its own any more', async () => {
  const worker_id = await register(['test.cancel'])
  const id = await create({ type: 'test.cancel' })
  const { run_id, epoch } = await claim(worker_id)

  const cancelled = await person.send('POST', `/api/tasks/${id}/cancel`, {})
  const told = await worker.send('POST', `/api/workers/${worker_id}/heartbeat`, {})
  const ended = await worker.send('POST', `/api/tasks/${id}/fail`, { run_id, epoch, outcome: 'cancelled' })
  const after = await worker.get(`/api/workers/${worker_id}/runs`)

  expect(cancelled).toMatchObject({ status: 200, body: { task: { state: 'running' } } })
  expect(told.body).toMatchObject({ runs: [{ run_id, task_id: id, cancel: true }] })
  expect(ended.body).toMatchObject({ task: { state: 'cancelled' } })
  expect(after.body).toMatchObject({ runs: [] })
})

test('a worker that leaves gives back what it has', async () => {
  const worker_id = await register(['test.leave'])
  const id = await create({ type: 'test.leave' })
  await claim(worker_id)

  const left = await worker.send('DELETE', `/api/workers/${worker_id}`)
  const again = await worker.send('POST', '/api/tasks/claim', { worker_id })

  expect(left.status).toBe(200)
  expect(again.status).toBe(409)
  expect(await show(id)).toMatchObject({ state: 'pending', retry_count: 0, runs: 1 })
})

test.each([
  [{ type: 'shell' }, 'command'],
  [{ type: 'shell', data: { command: 'true', extra: 1 } }, 'extra'],
  [{ type: 'nonsense' }, 'No worker knows the type'],
  [{ type: 'python', data: {} }, 'say either a script or code'],
  [{ type: 'git', data: { operation: 'clone', url: '--upload-pack=evil' } }, 'dash'],
  [{ type: 'git', data: { operation: 'fly' } }, 'operation'],
  [{ type: 'shell', data: { command: 'true' }, dir: 'relative' }, '/'],
  [{ type: 'shell', data: { command: 'true', env: { 'A=B': '1' } } }, 'env'],
  [{ type: 'shell', data: { command: 'true' }, priority: 11 }, 'priority'],
  [{ type: 'shell', data: { command: 'x'.repeat(100_001) } }, 'command'],
  [{ type: 'tmux', data: { operation: 'kill', session: '-a' } }, 'session'],
])('%j is refused with what is wrong', async (body, about) => {
  const answer = await person.send('POST', '/api/tasks', body)

  expect(answer.status).toBe(400)
  expect(JSON.stringify(answer.body)).toContain(about)
})

test('rubbish is answered with 4xx everywhere', async () => {
  const bodies = [
    null,
    [],
    'x',
    7,
    {},
    { run_id: 'x' },
    { run_id: 1e308, epoch: -1 },
    { worker_id: {} },
    { type: ['shell'] },
  ]
  const paths = [
    '/api/tasks',
    '/api/tasks/claim',
    '/api/tasks/1/complete',
    '/api/tasks/0/fail',
    '/api/tasks/x/logs',
    '/api/workers/register',
    '/api/workers/9e9/heartbeat',
    '/api/tasks/pause',
    '/api/workers/start/nothing',
  ]
  const admin = await dashboard.token()

  const statuses = new Set<number>()
  for (const path of paths.filter((each) => !each.endsWith('pause'))) {
    for (const body of bodies) statuses.add((await admin.send('POST', path, body)).status)
  }

  expect([...statuses].filter((status) => status < 400 || status >= 500)).toEqual([])
})

test("a worker's token makes no tasks, and a viewer none of type shell", async () => {
  const viewer = await dashboard.token(['read', 'tasks'], 'viewer')
  const body = { type: 'shell', data: { command: 'true' } }

  const answers = [
    await worker.send('POST', '/api/tasks', body),
    await viewer.send('POST', '/api/tasks', body),
  ]

  expect(answers.map(({ status }) => status)).toEqual([403, 403])
})

test('every type is published with the schema of its data', async () => {
  await register(['test.own'])

  const { body } = await person.get<{ items: { type: string; schema: unknown }[] }>('/api/tasks/types')

  const types = body.items.map(({ type }) => type)
  expect(types).toEqual(
    expect.arrayContaining(['shell', 'python', 'git', 'deploy', 'test', 'build', 'tmux', 'test.own']),
  )
  expect(body.items.find(({ type }) => type === 'shell')!.schema).toMatchObject({ required: ['command'] })
})

test('a type of somebody’s own that says absurd times gets possible ones', async () => {
  const own = (type: string, timeout_ms: number, max_retries: number) => ({
    type,
    about: '',
    schema: null,
    timeout_ms,
    max_retries,
  })
  const own_types = [own('test.long', 1e15, 1e9), own('test.odd', -3.7, -1)]
  await worker.send('POST', '/api/workers/register', { name: 'absurd', own_types })

  const ids = [await create({ type: 'test.long' }), await create({ type: 'test.odd' })]

  expect(await show(ids[0]!)).toMatchObject({ timeout_ms: 86_400_000, max_retries: 20 })
  expect(await show(ids[1]!)).toMatchObject({ timeout_ms: 100, max_retries: 0 })
})

test('a task for a time that there is not is refused, and one of the last year is shown', async () => {
  const body = { type: 'shell', data: { command: 'true' } }
  const browser = await dashboard.signIn('viewer')

  const refused = await person.send('POST', '/api/tasks', { ...body, not_before: Number.MAX_SAFE_INTEGER })
  const id = await create({ ...body, not_before: Date.parse('9999-12-31T23:59:59Z') })
  const pages = [await browser.fetch('/tasks'), await browser.fetch(`/tasks/${id}`)]

  expect(refused.status).toBe(400)
  expect(pages.map(({ status }) => status)).toEqual([200, 200])
})

test('dead letters are sent again by type', async () => {
  const worker_id = await register(['test.dead'])
  const id = await create({ type: 'test.dead', max_retries: 0 })
  const { run_id, epoch } = await claim(worker_id)
  await worker.send('POST', `/api/tasks/${id}/fail`, { run_id, epoch, error: 'no disk' })
  const dead = await show(id)

  const other = await person.send('POST', '/api/tasks/redrive', { type: 'shell' })
  const own = await person.send('POST', '/api/tasks/redrive', { type: 'test.dead' })

  expect(dead).toMatchObject({ state: 'failed', reason: 'no disk' })
  expect([other.body, own.body]).toMatchObject([{ task_ids: [] }, { task_ids: [id] }])
})

test('workers are listed with what they work on', async () => {
  const worker_id = await register(['test.busy'], 'busy one')
  const id = await create({ type: 'test.busy' })
  await claim(worker_id)

  const { body } = await person.get<{ workers: { id: number }[] }>('/api/workers/status')

  expect(body.workers.find((each) => each.id === worker_id)).toMatchObject({
    name: 'busy one',
    running: [id],
  })
  expect(body).toMatchObject({
    services: [
      { type: 'assigner', pid: null },
      { type: 'task_worker', pid: null },
    ],
  })
})

describe('secrets are named by whoever may look at them', () => {
  const shell = { type: 'shell', data: { command: 'true' } }
  const task = { ...shell, secrets: ['KEY=GITHUB_TOKEN'] }
  let schedules = 0
  let browser: Client
  beforeAll(async () => {
    browser = await dashboard.signIn('operator')
  })
  const schedule = () => ({ name: `nightly ${(schedules += 1)}`, cron: '0 3 * * *', task })

  /** Something that names secrets, and is there already. */
  async function made(path: string, body: object): Promise<string> {
    const keeper = await dashboard.token(['tasks', 'secrets'], 'operator')
    const { id } = (await keeper.send<{ id: number }>('POST', path, body)).body
    return `${path}/${id}`
  }
  const dead = async () => {
    const path = await made('/api/tasks', task)
    await person.send('POST', `${path}/cancel`, {})
    return path
  }

  const ways: [string, () => Promise<[string, string, object]>][] = [
    ['in a task', async () => ['POST', '/api/tasks', task]],
    ['in a task that is sent again', async () => ['POST', `${await dead()}/retry`, {}]],
    ['in a schedule', async () => ['POST', '/api/schedules', schedule()]],
    [
      'in a schedule that had none',
      async () => ['PATCH', await made('/api/schedules', { ...schedule(), task: shell }), { task }],
    ],
    [
      'in a schedule that comes at other times',
      async () => ['PATCH', await made('/api/schedules', schedule()), { cron: '* * * * *' }],
    ],
    [
      'in a schedule that is run now',
      async () => ['POST', `${await made('/api/schedules', schedule())}/run`, {}],
    ],
    [
      'in a schedule that is resumed',
      async () => ['POST', `${await made('/api/schedules', schedule())}/resume`, {}],
    ],
  ]

  test.each(ways)('%s: by a token with the scope, and no other', async (_way, prepare) => {
    const having = await dashboard.token(['tasks', 'secrets'], 'operator')
    const [method, path, body] = await prepare()

    const refused = await person.send(method, path, body)
    const taken = await having.send(method, path, body)

    expect(refused).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/scope "secrets"/) } },
    })
    expect([200, 201]).toContain(taken.status)
  })

  test.each(ways)('%s: by a browser of a recent login, else with the password', async (_way, prepare) => {
    const [method, path, body] = await prepare()
    aheadMs += 11 * 60_000

    const stale = await browser.send(method, path, body)
    const said = await browser.send(method, path, { ...body, password: testPassword })
    const [, ...again] = await prepare()
    const recent = await browser.send(method, ...again)

    expect(stale).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/older than 10 minutes/) } },
    })
    expect([200, 201]).toContain(said.status)
    expect([200, 201]).toContain(recent.status)
  })

  test('a wrong password does nothing, also where the login is recent', async () => {
    const wrong = { ...task, password: 'not that one' }

    const answer = await browser.send('POST', '/api/tasks', wrong)

    expect(answer).toMatchObject({
      status: 403,
      body: { error: { message: 'The current password is wrong.' } },
    })
  })

  test('what names none takes neither', async () => {
    aheadMs += 11 * 60_000

    const answers = [
      await browser.send('POST', '/api/tasks', shell),
      await browser.send('POST', '/api/schedules', { ...schedule(), task: shell }),
      await browser.send('PATCH', await made('/api/schedules', schedule()), { task: shell }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200])
  })

  test('dead letters with them stay while nobody may; no other does', async () => {
    const worker_id = await register(['test.letters'])
    const letter = { type: 'test.letters', max_retries: 0 }
    await made('/api/tasks', { ...letter, secrets: ['GITHUB_TOKEN'] })
    await made('/api/tasks', { ...letter, type: 'test.letters' })
    for (const _ of [1, 2]) {
      const { task: claimed, run_id, epoch } = await claim(worker_id)
      await worker.send('POST', `/api/tasks/${claimed!.id}/fail`, { run_id, epoch })
    }
    const having = await dashboard.token(['tasks', 'secrets'], 'operator')

    const refused = await person.send('POST', '/api/tasks/redrive', { type: 'test.letters' })
    const other = await person.send('POST', '/api/tasks/redrive', { type: 'git' })
    const taken = await having.send<{ task_ids: number[] }>('POST', '/api/tasks/redrive', {
      type: 'test.letters',
    })

    expect([refused.status, other.status, taken.status]).toEqual([403, 200, 200])
    expect(taken.body.task_ids).toHaveLength(2)
  })
})

test('a schedule is changed in parts, and not over what somebody else changed', async () => {
  const body = {
    name: 'weekly',
    cron: '0 3 * * 1',
    time_zone: 'UTC',
    task: { type: 'git', data: { operation: 'fetch' }, max_retries: 5 },
  }
  const { id } = (await person.send<Made>('POST', '/api/schedules', body)).body
  await person.send('POST', '/api/schedules', { ...body, name: 'other' })
  const path = `/api/schedules/${id}`

  const changed = await person.send('PATCH', path, { cron: '0 4 * * 1', version: 1 })
  const refused = [
    await person.send('PATCH', path, { cron: '0 5 * * 1', version: 1 }),
    await person.send('PATCH', path, { name: 'other' }),
    await person.send('PATCH', path, { cron: '0 0 31 2 *' }),
    await person.send('PATCH', path, { task: { type: 'git', data: {} } }),
    await person.send('PATCH', '/api/schedules/99999', { name: 'x' }),
  ]

  expect(changed).toMatchObject({
    status: 200,
    body: { schedule: { name: 'weekly', cron: '0 4 * * 1', version: 2, task: { max_retries: 5 } } },
  })
  expect(refused.map(({ status }) => status)).toEqual([409, 409, 400, 400, 404])
})
