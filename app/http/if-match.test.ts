import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../testing/dashboard.ts'
import { routes } from './routes.ts'

let dashboard: TestDashboard
let person: Client
let projectId = 0

interface Shown {
  id: number
  version: number
  title: string
  created_at?: number
  createdAt?: number
}

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token()
  projectId = (await person.send<Shown>('POST', '/api/projects', { name: 'Shop', key: 'SHOP' })).body.id
})
afterAll(() => dashboard[Symbol.asyncDispose]())

/** One of each noun that has a version, with a change of it. */
const nouns: [string, object, object][] = [
  ['/api/projects', { name: 'Other' }, { name: 'Renamed' }],
  ['/api/milestones', { name: 'v1' }, { name: 'v2' }],
  ['/api/features', { title: 'a' }, { title: 'b' }],
  ['/api/bugs', { title: 'a' }, { title: 'b' }],
  ['/api/devops-tasks', { title: 'a' }, { title: 'b' }],
  ['/api/accounts', { service: 'npm', login_name: 'ci' }, { login_name: 'cd' }],
]

const make = async (path: string, body: object): Promise<string> => {
  const owner = /projects|accounts/.test(path) ? {} : { project_id: projectId }
  return `${path}/${(await person.send<Shown>('POST', path, { ...owner, ...body })).body.id}`
}
const put = (path: string, ifMatch: string, body: object) =>
  person.fetch(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'If-Match': ifMatch },
    body: JSON.stringify(body),
  })
const tagOf = async (path: string) => (await person.get(path)).headers.get('etag')!

test.each(nouns)(
  'what GET %s/ID says as ETag is taken once as If-Match, then 412',
  async (path, body, change) => {
    const one = await make(path, body)

    const tag = await tagOf(one)
    const first = await put(one, tag, change)
    const second = await put(one, tag, body)
    const next = await put(one, first.headers.get('etag')!, body)

    expect(tag).toMatch(/^"1-[\w-]{8}"$/)
    expect([first.status, second.status, next.status]).toEqual([200, 412, 200])
    expect(await second.json()).toMatchObject({
      error: { code: 'precondition_failed', message: expect.stringContaining('changed meanwhile') },
      current: { version: 2, ...change, created_at: expect.any(Number) },
    })
  },
)

test('each reply with the number of a version says it as ETag, and each change of one takes it', () => {
  const versioned = routes.filter(({ versioned: is }) => is).map(({ method, path }) => `${method} ${path}`)

  const untold = routes.filter(({ path, method, versioned: is }) => {
    const sibling = `put ${path}`
    return method === 'get' && versioned.includes(sibling) && !is
  })

  expect(versioned).toContain('get /api/milestones/:id')
  expect(untold).toEqual([])
})

test('a read is 304 while nothing is different, also what changes without the version', async () => {
  const milestone = await make('/api/milestones', { name: 'seen' })
  const bug = { title: 'x', milestone_id: Number(milestone.split('/').at(-1)) }
  const tag = await tagOf(milestone)
  // Without the second, fetch asks past every cache.
  const headers = { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' }
  const read = () => person.fetch(milestone, { headers })

  const same = await read()
  await make('/api/bugs', bug)
  const different = await read()

  expect([same.status, different.status]).toEqual([304, 200])
  expect((await put(milestone, tag, { name: 'still its version' })).status).toBe(200)
})

test.each<[string, number]>([
  ['*', 200],
  ['"1"', 200],
  ['1', 200],
  ['W/"1-abcdefgh"', 200],
  ['"9", "1-abcdefgh"', 200],
  ['"9","8"', 412],
  ['"2-abcdefgh"', 412],
  ['"abc"', 400],
  ['"1" or so', 400],
  ['"1', 400],
  ['', 400],
  ['"99999999999"', 400],
  ['"1",'.repeat(40) + '"1"', 400],
])('If-Match: %s on version 1 is answered with %i', async (ifMatch, status) => {
  const one = await make('/api/bugs', { title: 'a' })

  const answer = await put(one, ifMatch, { title: 'b' })

  expect(answer.status).toBe(status)
  expect((await person.get<Shown>(one)).body.version).toBe(status === 200 ? 2 : 1)
})

test('of ten who change one version at once, one does', async () => {
  const one = await make('/api/features', { title: 'wanted by ten' })
  const tag = await tagOf(one)

  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => put(one, tag, { title: `agent ${n}`, description: `by ${n}` })),
  )

  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
  expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)])
  expect((await person.get<Shown>(one)).body).toMatchObject({
    version: 2,
    title: expect.stringMatching(/^agent \d$/),
  })
})

test('what is deleted or archived is the version that was meant, too', async () => {
  const paths = [await make('/api/accounts', { service: 's', login_name: 'l' })]
  paths.push(await make('/api/projects', { name: 'To be archived' }))
  const remove = (path: string, version: string) =>
    person.fetch(path, { method: 'DELETE', headers: { 'If-Match': version } })

  const wrong = await Promise.all(paths.map((path) => remove(path, '"2"')))
  const right = await Promise.all(paths.map((path) => remove(path, '"1"')))

  expect(wrong.map(({ status }) => status)).toEqual([412, 412])
  expect(right.map(({ status }) => status)).toEqual([200, 200])
})

test('the folder of another project is no other version: 409, with that project', async () => {
  const root_path = dashboard.server.folder
  const first = await person.send<Shown>('POST', '/api/projects', { name: 'Has it', root_path })
  const other = await make('/api/projects', { name: 'Wants it' })

  const answer = await put(other, '"1"', { root_path })

  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ current: { id: first.body.id } })
})

test('the description of the interface names both headers', async () => {
  const { body } = await person.get<{ paths: Record<string, Record<string, object>> }>('/api/openapi.json')

  const path = body.paths['/api/bugs/{id}']!
  expect(path['put']).toMatchObject({ parameters: [{ in: 'path' }, { name: 'If-Match', in: 'header' }] })
  expect(path['get']).toMatchObject({ responses: { 200: { headers: { ETag: {} } } } })
})
