import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { DirectLinks } from '../../distributed/hub/direct-links.ts'
import { hashPassword } from '../accounts/password.ts'
import { endExpiredLogins } from '../accounts/expiry.ts'
import { ensureFirstUser } from '../accounts/first-user.ts'
import { hashSecret } from '../accounts/secret.ts'
import { makeToken } from '../accounts/token.ts'
import { openNodeHub } from '../cli/dashboard/node-registry.ts'
import { openWeb } from '../cli/dashboard/web.ts'
import type { Config } from '../config.ts'
import { openContext } from '../context.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { scopes as allScopes, type Role, type Scope } from '../core/account.ts'
import { createToken } from '../db/account/tokens.ts'
import { registerProcess } from '../db/processes.ts'
import { createUser, findUser } from '../db/account/users.ts'
import { buildApp } from '../http/app.ts'
import { listen, type Listening } from '../http/listen.ts'
import type { Route } from '../http/route.ts'
import { routes as allRoutes } from '../http/routes.ts'
import type { Web } from '../http/web.ts'
import { openHub } from '../live/hub.ts'
import { openLog } from '../log.ts'
import { openNodes } from '../nodes/open.ts'
import { makeDataFolder } from './broker.ts'
import { startTmux, type TmuxFixture } from './tmux.ts'

/** A whole dashboard of a test's own: data folder, private tmux, HTTP on a free port. No assigner runs. */
export interface TestDashboard extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string
  web: Web
  server: TmuxFixture
  listening: Listening
  /** Breaks every connection, as a network does that went away. */
  disconnectSockets(): void
  /** Logs a user of this role in over HTTP; each call is a browser of its own. */
  signIn(role: Role): Promise<Client>
  /** A client with an API token; its owner is an administrator unless told. */
  token(scopes?: readonly Scope[], role?: Role): Promise<Client & { token: string }>
  /** A client that has not logged in. */
  anonymous: Client
}

/** Sends what a browser or a program sends. */
export interface Client {
  /** The `Cookie` header of a browser; '' for others. */
  cookie: string
  fetch(path: string, init?: RequestInit): Promise<Response>
  get<Body = unknown>(path: string): Promise<Answer<Body>>
  send<Body = unknown>(method: string, path: string, body?: unknown): Promise<Answer<Body>>
}

export interface Answer<Body = unknown> {
  status: number
  /** JSON that was read, of the shape that the test expects; otherwise the text. */
  body: Body
  headers: Headers
}

interface Options {
  config?: Partial<Config>
  clock?: Clock
  routes?: readonly Route[]
}

/** The password of every user that `signIn` makes. */
export const testPassword = 'correct horse battery'
let testPasswordHash: Promise<string> | undefined

export async function startDashboard(options: Options = {}): Promise<TestDashboard> {
  const server = await startTmux()
  const config = { ...(await makeDataFolder(server)), host: '127.0.0.1', port: 0, ...options.config }
  const log = openLog(config, 'dashboard')
  const context = { ...(await openContext(config, log)), clock: options.clock ?? systemClock }
  await ensureFirstUser(context)
  const nodes = await openNodes({ ...context, log: log.json })
  const links = new DirectLinks(context.clock)
  const web = openWeb(context, nodes, links)
  const expiry = endExpiredLogins(web)
  const listening = await listen(buildApp(web, options.routes ?? allRoutes), config)
  const sockets = new Set<Socket>()
  listening.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const hub = await openHub(listening.server, { web })
  const nodeHub = openNodeHub(listening.server, web, links)
  const url = `http://127.0.0.1:${listening.port}`
  return {
    url,
    web,
    server,
    listening,
    disconnectSockets() {
      for (const socket of sockets) socket.destroy()
    },
    anonymous: clientOf(url, {}),
    signIn: (role) => signIn(web, url, role),
    token: (scopes = allScopes, role = 'admin') => withToken(web, url, scopes, role),
    async [Symbol.asyncDispose]() {
      await nodeHub[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
      await listening[Symbol.asyncDispose]()
      await expiry[Symbol.asyncDispose]()
      await web.errors[Symbol.asyncDispose]()
      await nodes[Symbol.asyncDispose]()
      await context[Symbol.asyncDispose]()
      log[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Lists the dashboard among the processes that run, as a real one does, so that others find it. */
export async function registerHere({ web, url }: TestDashboard): Promise<void> {
  const { database, clock } = web
  const process = { id: `dashboard-${url}`, kind: 'dashboard', pid: 1, host: hostname(), version: '1' }
  const row = { ...process, address: url, startedAt: clock.now() }
  await database.write((db) => registerProcess(db, row))
}

/** The user `test-ROLE`, made when it is first asked for. */
export async function ensureUser({ database, clock }: Web, role: Role): Promise<number> {
  const name = `test-${role}`
  const known = await findUser(database.kysely, name)
  if (known) return known.id
  testPasswordHash ??= hashPassword(testPassword)
  const passwordHash = await testPasswordHash
  const user = await database.write((db) => createUser(db, { name, role, passwordHash }, clock.now()))
  return user.id
}

async function signIn(web: Web, url: string, role: Role): Promise<Client> {
  await ensureUser(web, role)
  const credentials = { username: `test-${role}`, password: testPassword }
  const response = await clientOf(url, {}).fetch('/login', jsonRequest('POST', credentials))
  if (!response.ok) throw new Error(`The login failed: ${await response.text()}`)
  return clientOf(url, { Cookie: cookieOf(response), Origin: url })
}

/** The name and value of the cookie that an answer sets; '' when it sets none. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

async function withToken(web: Web, url: string, scopes: readonly Scope[], role: Role) {
  const userId = await ensureUser(web, role)
  const { secret, hint } = makeToken()
  const token = {
    userId,
    name: hint,
    secretHash: hashSecret(secret),
    hint,
    scopes: [...scopes],
    expiresAt: null,
  }
  await web.database.write((db) => createToken(db, token, web.clock.now()))
  return { ...clientOf(url, { Authorization: `Bearer ${secret}` }), token: secret }
}

export function clientOf(url: string, headers: Record<string, string>): Client {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...headers, ...Object.fromEntries(new Headers(init.headers)) },
    })
  return {
    cookie: headers['Cookie'] ?? '',
    fetch: ask,
    get: async (path) => answerOf(await ask(path)),
    send: async (method, path, body) => answerOf(await ask(path, jsonRequest(method, body))),
  }
}

function jsonRequest(method: string, body: unknown): RequestInit {
  if (body === undefined) return { method }
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as Body,
  }
}
