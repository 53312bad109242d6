import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client
let program: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'prompts'], 'operator')
  program = dashboard.anonymous
})
afterAll(() => dashboard[Symbol.asyncDispose]())

/** No two tests report the same. */
let source = ''
let tests = 0
beforeEach(() => {
  tests += 1
  source = `module-${'abcdefghijklmnop'[tests]}.py`
})

interface Reported {
  id: number
  group_id: number
  count: number
  is_new: boolean
}

const report = async (more: object = {}) => {
  const body = { node_id: 'pi-1', error_type: 'error', message: 'Something went wrong', source, ...more }
  const answer = await program.send<Reported>('POST', '/api/errors', body)
  expect(answer.status).toBe(200)
  return answer.body
}

interface Shown {
  [field: string]: unknown
  group: Record<string, unknown>
  samples: Record<string, unknown>[]
  nodes: Record<string, unknown>[]
}

const show = async (id: number) => (await person.get<Shown>(`/api/errors/${id}`)).body

test('an error is reported without a login, as the documents say, and shown with what it said', async () => {
  const { id } = await report({ stack_trace: 'Traceback\n  File "my_module.py", line 3' })

  const shown = await show(id)

  expect(shown).toMatchObject({
    id,
    error_type: 'error',
    message: 'Something went wrong',
    source,
    node: 'pi-1',
    count: 1,
    state: 'open',
    samples: [{ kind: 'first', node: 'pi-1', stack: 'Traceback\n  File "my_module.py", line 3' }],
    nodes: [{ node: 'pi-1', count: 1 }],
  })
})

test('the same type, message and source is one error that counts', async () => {
  const first = await report()
  const second = await report({ node_id: 'pi-2' })

  const { body } = await person.get<{ items: object[] }>(`/api/errors?source=${source}`)
  const shown = await show(first.id)

  expect(first).toMatchObject({ count: 1, is_new: true })
  expect(second).toEqual({ success: true, id: first.id, group_id: first.id, count: 2, is_new: false })
  expect(body.items).toHaveLength(1)
  expect(shown.nodes).toMatchObject([{ node: 'pi-1' }, { node: 'pi-2' }])
})

test('errors that differ in numbers are two of one group', async () => {
  const first = await report({ message: 'user 17 is unknown' })
  const second = await report({ message: 'user 18 is unknown' })

  const errors = await person.get<{ items: object[] }>(`/api/errors?group=${first.id}`)
  const groups = await person.get<{ items: object[] }>(`/api/errors/groups?source=${source}`)

  expect(second.id).not.toBe(first.id)
  expect(second).toMatchObject({ group_id: first.id, count: 1, is_new: false })
  expect(errors.body.items).toHaveLength(2)
  expect(groups.body.items).toMatchObject([
    { id: first.id, count: 2, errors: 2, nodes: 1, hours: [{ count: 2 }] },
  ])
})

test('a group is resolved, regresses when it happens again, is ignored and reopened', async () => {
  const { id } = await report({ message: 'user 17 is unknown' })
  const change = (event: string) => person.send<{ group: object }>('POST', `/api/errors/${id}/${event}`)

  const resolved = await change('resolve')
  await report({ message: 'user 99 is unknown' })
  const regressed = await show(id)
  const ignored = await change('ignore')
  await report()
  const reopened = await change('reopen')

  expect(resolved.body.group).toMatchObject({ state: 'resolved', changed_by: expect.any(String) })
  expect(regressed).toMatchObject({ state: 'regressed', group: { changed_by: null } })
  expect(ignored.body.group).toMatchObject({ state: 'ignored' })
  expect(reopened.body.group).toMatchObject({ state: 'open' })
  expect((await change('reopen')).status).toBe(409)
})

test('resolving takes an operator, reading a viewer, and what is not there is said', async () => {
  const { id } = await report()
  const viewer = await dashboard.token(['read'], 'viewer')

  expect((await program.get('/api/errors')).status).toBe(401)
  expect((await program.send('POST', `/api/errors/${id}/resolve`)).status).toBe(401)
  expect((await viewer.send('POST', `/api/errors/${id}/resolve`)).status).toBe(403)
  expect((await person.send('POST', '/api/errors/999999/resolve')).status).toBe(404)
  expect((await person.get('/api/errors/999999')).status).toBe(404)
})

test('a body of 1 MB is taken, a larger one and one without a message are not', async () => {
  const stack = 'x'.repeat(1_000_000)

  const large = await report({ stack_trace: stack })
  const tooLarge = await program.send('POST', '/api/errors', { message: 'x', stack_trace: stack + stack })
  const empty = await program.send('POST', '/api/errors', { source })

  const shown = await show(large.id)
  expect(String(shown.samples[0]!['stack']).length).toBeLessThan(40_000)
  expect(tooLarge.status).toBe(413)
  expect(empty.status).toBe(400)
})

test('secrets, NUL and half characters are gone before anything is stored', async () => {
  const secret = 'hunter2hunter2'
  const { id } = await report({
    message: `cannot open postgres://app:${secret}@db/x\0\ud800`,
    stack_trace: `password=${secret}\0`,
    metadata: { apiKey: secret, deep: [{ url: `https://${secret}@x/` }] },
  })

  const text = JSON.stringify(await show(id))

  expect(text).not.toContain(secret)
  expect(text).not.toContain('\\u0000')
  expect(text).toContain('[removed]')
})

test('what is reported too fast is refused with the time to wait, and counted', async () => {
  const admin = await dashboard.token()
  const rates = await admin.get<object>('/api/settings/error-rates')
  const few = { ...rates.body, per_second: 1, burst: 3 }
  await admin.send('PUT', '/api/settings/error-rates', few)
  await new Promise((resolve) => setTimeout(resolve, 2_100)) // settings are read again after 2 s

  const body = { node_id: 'loud', message: 'again', source }
  const answers = []
  for (let n = 0; n < 6; n += 1) answers.push(await program.send('POST', '/api/errors', body))
  await admin.send('PUT', '/api/settings/error-rates', rates.body)

  const refused = answers.filter(({ status }) => status === 429)
  expect(answers[0]!.status).toBe(200)
  expect(refused).toHaveLength(3)
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
  await expect
    .poll(async () => (await person.get<{ items: object[] }>('/api/errors/refused')).body.items, {
      timeout: 5_000,
    })
    .toMatchObject([{ node: 'loud', source, reason: 'rate', count: 3 }])
})

test('lists are filtered by words, state, node and time, and paged', async () => {
  await report({ message: 'disk full at 100%', node_id: 'pi-7' })
  await report({ message: 'DISK missing', node_id: 'pi-8' })
  const list = async (query: string) =>
    (
      await person.get<{ items: { message: string }[]; next_cursor: number | null }>(
        `/api/errors/groups?source=${source}&${query}`,
      )
    ).body

  expect((await list('q=disk')).items).toHaveLength(2)
  expect((await list('q=full+100%25')).items).toHaveLength(1)
  expect((await list('q=%25missing')).items).toHaveLength(0)
  expect((await list('node=pi-7')).items).toMatchObject([{ message: 'disk full at 100%' }])
  expect((await list('state=resolved')).items).toHaveLength(0)
  expect((await list(`since=${Date.now() + 60_000}`)).items).toHaveLength(0)
  const first = await list('limit=1')
  expect(first.next_cursor).toBe(1)
  expect((await list(`limit=1&cursor=${first.next_cursor}`)).items).toHaveLength(1)
})
