import type { Express } from 'express'
import { describe, expect, test } from 'vitest'
import { roles, scopes, type Role, type Scope } from '../core/account.ts'
import { giveSessionToken } from '../accounts/session-token.ts'
import { clientOf, startDashboard, type Client, type TestDashboard } from '../testing/dashboard.ts'
import { buildApp } from './app.ts'
import { panelPath } from './page.ts'
import { pages } from './pages.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

/** Whoever adds to this list lets the whole network in there. */
const publicRoutes = [
  'post /api/errors',
  'post /api/:project/envelope',
  'post /api/:project/store',
  'get /health',
  'post /login',
  'post /logout',
  'post /api/token',
  'get /api/openapi.json',
]
const publicPages = ['/login']
/** Files without a secret, the same for everybody. */
const assetPaths = ['get /assets/:version/*name', 'get /vendor/*name', 'get /favicon.ico']
/** What a viewer may change: nothing but their own login. */
const ownRoutes = [
  'post /api/session/extend',
  'post /api/account/password',
  'post /api/account/confirm',
  'delete /api/account/sessions',
  'delete /api/account/sessions/:id',
  'post /api/tokens',
  'delete /api/tokens/:id',
]
/** Paths of the documents that take a body and only look. */
const lookingRoutes = [
  'post /api/tmux/capture',
  'post /api/tmux/sessions/refresh',
  'post /api/claude/patterns/dry-run',
]
const middleware = ['nameRequest', 'helmetMiddleware', 'refuseNul', 'refuseForeignOrigins', 'identifyCaller']

const named = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`
const guarded = routes.filter(({ access }) => access !== 'public')
const sessionRoutes = ['post /mcp', 'get /mcp', 'delete /mcp', 'post /v1/metrics', 'post /v1/logs']

describe('the table of routes', () => {
  test('is all that Express serves', async () => {
    await using dashboard = await startDashboard()

    const served = layersOf(buildApp(dashboard.web, routes))
    const declared = [
      ...routes.map(named),
      ...routes.filter(({ crossOrigin }) => crossOrigin).map(({ path }) => `options ${path}`),
      ...pages.flatMap(({ path }) => [`get ${path}`, `get ${panelPath(path)}`]),
      ...assetPaths,
    ]

    expect(served.paths.filter((path) => !declared.includes(path))).toEqual([])
    expect(declared.filter((path) => !served.paths.includes(path))).toEqual([])
    expect(served.middleware.filter((name) => !middleware.includes(name))).toEqual([])
  })

  test('would not hide a route that Express got some other way', async () => {
    await using dashboard = await startDashboard()
    const app = buildApp(dashboard.web, routes)

    app.get('/backdoor', (_request, response) => void response.send('hello'))
    app.use('/side', function sideDoor(_request, response) {
      response.send('hello')
    })
    const { paths, middleware: others } = layersOf(app)

    expect(paths).toContain('get /backdoor')
    expect(others).toContain('sideDoor')
  })

  test('names each method and path once', () => {
    const names = routes.map(named)

    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('is open to everybody in few places', () => {
    expect(routes.filter(({ access }) => access === 'public').map(named)).toEqual(
      expect.toSatisfy((names: string[]) => names.every((name) => publicRoutes.includes(name))),
    )
    expect(pages.filter(({ access }) => access === 'public').map(({ path }) => path)).toEqual(publicPages)
  })

  test('asks nobody who they are only where everybody may call, and other sites only where SDKs report', () => {
    const anonymous = routes.filter((route) => route.anonymous)
    const crossOrigin = routes.filter((route) => route.crossOrigin)

    expect(anonymous.map(named)).toEqual([
      'post /api/errors',
      'post /api/:project/envelope',
      'post /api/:project/store',
    ])
    expect(crossOrigin.map(named)).toEqual(['post /api/:project/envelope', 'post /api/:project/store'])
    expect(anonymous.every(({ access }) => access === 'public')).toBe(true)
  })

  test('lets viewers and tokens that only read change nothing but their own login', () => {
    const changing = guarded.filter(({ method }) => method !== 'get')

    const weak = changing.filter(({ access }) => typeof access === 'object' && access.role === 'viewer')
    const readable = changing.filter(({ access }) => typeof access === 'object' && access.scope === 'read')

    const allowed = [...ownRoutes, ...lookingRoutes]
    const staying = ['post /api/session/extend', ...lookingRoutes]
    expect(weak.map(named).filter((name) => !allowed.includes(name))).toEqual([])
    expect(readable.map(named).filter((name) => !staying.includes(name))).toEqual([])
    expect(ownRoutes.filter((name) => !weak.map(named).includes(name))).toEqual([])
  })
})

describe('every route', () => {
  test('refuses whoever has not logged in', async () => {
    await using dashboard = await startDashboard()

    const answers = await Promise.all(
      guarded.map(async (route) => ({
        route: named(route),
        answer: await dashboard.anonymous.send(route.method.toUpperCase(), addressOf(route.path)),
      })),
    )

    for (const { route, answer } of answers) {
      expect.soft(answer, route).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthorized', request_id: answer.headers.get('x-request-id') } },
      })
    }
  })

  test.each(roles)('lets a %s in where the role is enough, and nowhere else', async (role) => {
    await using dashboard = await startWithoutHandlers()
    const browser = await dashboard.signIn(role)
    const program = await dashboard.token(scopes, role)

    for (const client of [browser, program]) {
      const refused = await refusedOf(client)

      expect(refused).toEqual(guarded.filter((route) => !isEnough(route, role)).map(named))
    }
  })

  test.each(scopes)(
    'lets a token in that has its scope; "%s" alone is enough for no other',
    async (scope) => {
      await using dashboard = await startWithoutHandlers()
      const program = await dashboard.token([scope], 'admin')

      const refused = await refusedOf(program)

      expect(refused).toEqual(guarded.filter((route) => !hasScope(route, scope)).map(named))
    },
  )

  test('is closed to the agent of a session but for what is there for agents', async () => {
    await using dashboard = await startWithoutHandlers()
    const { web, url } = dashboard
    const token = await giveSessionToken(web.database, { node: 'here', name: 'dev' }, web.clock.now())
    const agent = clientOf(url, { Authorization: `Bearer ${token}` })

    const refused = await refusedOf(agent)

    expect(refused).toEqual(guarded.map(named).filter((name) => !sessionRoutes.includes(name)))
    expect(refused).toHaveLength(guarded.length - sessionRoutes.length)
  })

  test("that changes something refuses a browser that was led there by somebody else's page", async () => {
    await using dashboard = await startWithoutHandlers()
    const { cookie } = await dashboard.signIn('admin')
    const changing = guarded.filter(({ method }) => method !== 'get')

    for (const origin of foreignOrigins(dashboard)) {
      const client = clientOf(dashboard.url, { Cookie: cookie, ...origin })
      const refused = await refusedOf(client, changing)

      expect.soft({ origin, refused }).toEqual({ origin, refused: changing.map(named) })
    }
  })
})

describe('every page', () => {
  test('leads whoever has not logged in to the login, and its panel refuses them', async () => {
    await using dashboard = await startDashboard()

    for (const { path } of pages.filter(({ access }) => access !== 'public')) {
      const page = await dashboard.anonymous.fetch(addressOf(path), { headers: { Accept: 'text/html' } })
      const panel = await dashboard.anonymous.fetch(addressOf(panelPath(path)))

      expect.soft(page.status, path).toBe(302)
      expect.soft(page.headers.get('location'), path).toMatch(/^\/login(\?next=%2F|$)/)
      expect.soft(panel.status, path).toBe(401)
    }
  })

  test('refuses a viewer where it takes more', async () => {
    await using dashboard = await startDashboard()
    const viewer = await dashboard.signIn('viewer')
    const restricted = pages.filter(({ access }) => access !== 'public' && access.role !== 'viewer')

    for (const { path } of restricted) {
      const page = await viewer.fetch(addressOf(path), { headers: { Accept: 'text/html' } })
      const panel = await viewer.fetch(addressOf(panelPath(path)))

      expect.soft([page.status, panel.status], path).toEqual([403, 403])
    }
  })
})

test('a token that only reads sees no page about logins, tokens and users', async () => {
  await using dashboard = await startDashboard()
  const program = await dashboard.token(['read', 'prompts', 'sessions'], 'admin')
  const paths = [
    '/settings',
    '/settings/tokens',
    '/settings/tokens/new',
    '/settings/users',
    '/settings/users/new',
  ]

  const answers = await Promise.all(paths.map((path) => program.fetch(path)))

  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 403))
})

test('what is not declared does not exist, with or without a login', async () => {
  await using dashboard = await startDashboard()
  const admin = await dashboard.signIn('admin')
  const paths = [
    '/api',
    '/api/nothing',
    '/.env',
    '/data/secret-key',
    '/app/http/app.ts',
    '/..%2f..%2fetc/passwd',
  ]

  const answers = await Promise.all(
    [admin, dashboard.anonymous].flatMap((client) => paths.map((path) => client.get(path))),
  )

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404))
})

/** The real table with handlers that only say that they were reached, so that nothing happens. */
function startWithoutHandlers(): Promise<TestDashboard> {
  const reached = () => Promise.resolve({ reached: true })
  return startDashboard({
    routes: routes.map((route) =>
      route.access === 'public'
        ? route
        : { ...route, params: null, query: null, body: null, status: 200, handle: reached },
    ),
  })
}

/** Those that did not let the client in; with the status where it is another one than 403. */
async function refusedOf(client: Client, of: readonly Route[] = guarded): Promise<string[]> {
  const refused: string[] = []
  for (const route of of) {
    const { status } = await client.send(route.method.toUpperCase(), addressOf(route.path))
    if (status === 403) refused.push(named(route))
    else if (status !== 200) refused.push(`${named(route)} (${status})`)
  }
  return refused
}

function isEnough({ access }: Route, role: Role): boolean {
  return typeof access === 'object' && roles.indexOf(role) >= roles.indexOf(access.role)
}

function hasScope({ access }: Route, scope: Scope): boolean {
  return typeof access === 'object' && access.scope === scope
}

function foreignOrigins({ url }: TestDashboard): Record<string, string>[] {
  const { port, host } = new URL(url)
  return [
    { Origin: 'http://evil.example' },
    { Origin: `http://${host}.evil.example` },
    { Origin: `http://127.0.0.1:${Number(port) + 1}` },
    { Origin: `http://localhost:${port}` },
    { Origin: 'null' },
    {},
    { 'Sec-Fetch-Site': 'cross-site', Origin: url },
    { 'Sec-Fetch-Site': 'same-site', Origin: url },
  ]
}

/** A path as somebody would ask for it. */
function addressOf(path: string): string {
  return path.replace(/:\w+|\*\w+/g, '1')
}

/** What an Express application answers to, and what stands before it. */
function layersOf(app: Express) {
  const layers = app.router.stack
  return {
    paths: layers.flatMap(({ route }) =>
      route ? [...new Set(route.stack.map(({ method }) => `${method} ${route.path}`))] : [],
    ),
    middleware: layers.flatMap(({ route, handle, name }) =>
      route || handle.length === 4 || name === 'sayNotFound' ? [] : [name],
    ),
  }
}
