import { z } from 'zod'
import { changeOwnPassword, confirmPassword } from '../../accounts/change-password.ts'
import { endsOf } from '../../accounts/timeout.ts'
import { roles, scopes, type BrowserSession } from '../../core/account.ts'
import { AppError } from '../../core/errors.ts'
import { endLogins, loginsOf, markLoginActive } from '../../db/account/logins.ts'
import { getUser } from '../../db/account/users.ts'
import type { Caller } from '../caller.ts'
import { defineRoute, type Access, type Route } from '../route.ts'
import type { Web } from '../web.ts'

const everyReader: Access = { role: 'viewer', scope: 'read' }
/** Own logins and tokens are everybody's to settle, but not with any token. */
const owner: Access = { role: 'viewer', scope: 'admin' }

/** Before a login ends, a person is asked whether to stay; in s. */
const warningSeconds = 300

const sessionSchema = z.object({
  user: z.object({
    id: z.number(),
    name: z.string(),
    role: z.enum(roles),
    has_initial_password: z.boolean(),
  }),
  kind: z.enum(['browser', 'token']),
  /** null: everything that the role may. */
  scopes: z.array(z.enum(scopes)).nullable(),
  /** Without activity; null: never. */
  expires_at: z.number().nullable(),
  seconds_left: z.number().nullable(),
  /** From this many seconds left on, a person should be asked whether to stay. */
  warn_at_seconds: z.number(),
  /** However much is done; null: never. */
  ends_at: z.number().nullable(),
})

const sessionRoute = defineRoute({
  method: 'get',
  path: '/api/session',
  tag: 'Accounts',
  summary: 'Who is logged in, and for how long still; asking is no activity',
  access: everyReader,
  reply: sessionSchema,
  handle: ({ web, caller }) => describeSession(web, caller!, caller!.session),
})

const extendRoute = defineRoute({
  method: 'post',
  path: '/api/session/extend',
  tag: 'Accounts',
  summary: 'Stay logged in: the time without activity begins anew',
  access: everyReader,
  reply: sessionSchema,
  async handle({ web, caller }) {
    const { session } = caller!
    if (!session) throw new AppError('conflict', 'A token ends at its own time; nothing prolongs it.')
    const activeAt = web.clock.now()
    await web.database.write((db) => markLoginActive(db, session.id, activeAt))
    return describeSession(web, caller!, { ...session, activeAt })
  },
})

const passwordRoute = defineRoute({
  method: 'post',
  path: '/api/account/password',
  tag: 'Accounts',
  summary: 'Change the own password; all other logins end',
  access: owner,
  body: z.object({ current_password: z.string().max(1000), new_password: z.string().max(1000) }),
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, caller, body, address }) {
    await changeOwnPassword(web, {
      userId: caller!.userId,
      address,
      current: body.current_password,
      password: body.new_password,
      exceptSession: caller!.session?.id ?? null,
    })
    return { success: true as const }
  },
})

const confirmRoute = defineRoute({
  method: 'post',
  path: '/api/account/confirm',
  tag: 'Accounts',
  summary: 'Say the own password again: what takes a recent login is open for ten minutes',
  access: owner,
  body: z.object({ password: z.string().max(1000) }),
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, caller, body, address }) {
    const { session } = caller!
    if (!session) throw new AppError('conflict', 'A token has no login that could be confirmed.')
    await confirmPassword(web, session, { password: body.password, address })
    return { success: true as const }
  },
})

const loginSchema = z.object({
  id: z.number(),
  current: z.boolean(),
  address: z.string(),
  user_agent: z.string(),
  created_at: z.number(),
  active_at: z.number(),
  expires_at: z.number(),
})

const loginsRoute = defineRoute({
  method: 'get',
  path: '/api/account/sessions',
  tag: 'Accounts',
  summary: 'Where you are logged in with a browser',
  access: owner,
  reply: z.object({ items: z.array(loginSchema), next_cursor: z.null() }),
  async handle({ web, caller }) {
    const logins = await loginsOf(web.database.kysely, caller!.userId)
    const live = logins.filter((login) => endsOf(login, web.config).idle > web.clock.now())
    return { items: live.map((login) => describeLogin(web, caller!, login)), next_cursor: null }
  },
})

const endLoginRoute = defineRoute({
  method: 'delete',
  path: '/api/account/sessions/:id',
  tag: 'Accounts',
  summary: 'End one of your logins',
  access: owner,
  params: z.object({ id: z.coerce.number().int().positive() }),
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, caller, params }) {
    const choice = { id: params.id, userId: caller!.userId }
    const ended = await web.database.write((db) => endLogins(db, choice, 'ended', web.clock.now()))
    if (ended === 0) throw new AppError('not_found', `You have no login ${params.id}.`)
    return { success: true as const }
  },
})

const endOtherLoginsRoute = defineRoute({
  method: 'delete',
  path: '/api/account/sessions',
  tag: 'Accounts',
  summary: 'End all your logins but this one',
  access: owner,
  reply: z.object({ ended: z.number() }),
  async handle({ web, caller }) {
    const { userId, session } = caller!
    const choice = { userId, ...(session && { exceptId: session.id }) }
    const ended = await web.database.write((db) => endLogins(db, choice, 'ended', web.clock.now()))
    return { ended }
  },
})

export const accountRoutes: readonly Route[] = [
  sessionRoute,
  extendRoute,
  passwordRoute,
  confirmRoute,
  loginsRoute,
  endLoginRoute,
  endOtherLoginsRoute,
]

async function describeSession(
  { config, clock, database }: Web,
  caller: Caller,
  session: BrowserSession | null,
) {
  const user = await getUser(database.kysely, caller.userId)
  const { id, name, role, hasInitialPassword } = user
  const ends = session ? endsOf(session, config) : { idle: caller.expiresAt, absolute: caller.expiresAt }
  return {
    user: { id, name, role, has_initial_password: hasInitialPassword },
    kind: session ? ('browser' as const) : ('token' as const),
    scopes: caller.scopes && [...caller.scopes],
    expires_at: ends.idle,
    seconds_left: ends.idle === null ? null : Math.max(0, Math.floor((ends.idle - clock.now()) / 1000)),
    warn_at_seconds: Math.min(warningSeconds, Math.floor(config.sessionTimeoutMs / 2000)),
    ends_at: ends.absolute,
  }
}

function describeLogin({ config }: Web, caller: Caller, login: BrowserSession) {
  return {
    id: login.id,
    current: login.id === caller.session?.id,
    address: login.address,
    user_agent: login.userAgent,
    created_at: login.createdAt,
    active_at: login.activeAt,
    expires_at: endsOf(login, config).idle,
  }
}
