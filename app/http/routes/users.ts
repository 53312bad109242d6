import { z } from 'zod'
import type { Config } from '../../config.ts'
import { refuseGivenPassword } from '../../accounts/change-password.ts'
import { removeUser } from '../../accounts/end-user.ts'
import { forgetInitialPassword } from '../../accounts/first-user.ts'
import { hashPassword, randomPassword } from '../../accounts/password.ts'
import { setPassword } from '../../accounts/set-password.ts'
import { roles, userNamePattern, userNameRule, type User } from '../../core/account.ts'
import { AppError } from '../../core/errors.ts'
import { endLogins } from '../../db/account/logins.ts'
import { changeRole, createUser, getUser, listUsers } from '../../db/account/users.ts'
import type { Caller } from '../caller.ts'
import { defineRoute, type Access, type Route } from '../route.ts'

const administrator: Access = { role: 'admin', scope: 'admin' }

const userSchema = z.object({
  id: z.number(),
  name: z.string(),
  role: z.enum(roles),
  has_initial_password: z.boolean(),
  created_at: z.number(),
  password_changed_at: z.number(),
  last_login_at: z.number().nullable(),
})

const userId = z.object({ id: z.coerce.number().int().positive() })
const newPassword = z.string().max(1000).optional()

const listRoute = defineRoute({
  method: 'get',
  path: '/api/users',
  tag: 'Accounts',
  summary: 'Who may log in',
  access: administrator,
  reply: z.object({ items: z.array(userSchema), next_cursor: z.null() }),
  async handle({ web }) {
    const users = await listUsers(web.database.kysely)
    return { items: users.map(describeUser), next_cursor: null }
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/users',
  tag: 'Accounts',
  summary: 'Add a user; without a password one is made up, which this answer shows once',
  access: administrator,
  status: 201,
  body: z.object({
    name: z.string().regex(userNamePattern, { error: userNameRule }),
    role: z.enum(roles),
    password: newPassword,
  }),
  reply: userSchema.extend({ password: z.string().nullable() }),
  async handle({ web, body }) {
    const madeUp = body.password === undefined ? randomPassword() : null
    const passwordHash = await hashPassword(madeUp ?? body.password ?? '')
    const { name, role } = body
    const user = await web.database.write((db) =>
      createUser(db, { name, role, passwordHash }, web.clock.now()),
    )
    return { ...describeUser(user), password: madeUp }
  },
})

const changeRoute = defineRoute({
  method: 'patch',
  path: '/api/users/:id',
  tag: 'Accounts',
  summary: "Change a user's role, or give them another password, which ends their logins",
  access: administrator,
  params: userId,
  body: z.object({ role: z.enum(roles).optional(), password: newPassword }),
  reply: userSchema,
  async handle({ web, caller, params, body }) {
    const { id } = params
    const before = await getUser(web.database.kysely, id)
    if (body.password !== undefined) refuseNewPassword(web.config, caller!, before)
    const passwordHash = body.password === undefined ? null : await hashPassword(body.password)
    const user = await web.database.write(async (db) => {
      const now = web.clock.now()
      if (body.role !== undefined) await changeRole(db, id, body.role, now)
      if (passwordHash !== null) await setPassword(db, id, { passwordHash }, now)
      return getUser(db, id)
    })
    if (passwordHash !== null && before.hasInitialPassword) forgetInitialPassword(web.config.dataDir)
    return describeUser(user)
  },
})

const removeRoute = defineRoute({
  method: 'delete',
  path: '/api/users/:id',
  tag: 'Accounts',
  summary: 'Remove a user with all their logins and tokens',
  access: administrator,
  params: userId,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params }) {
    const user = await getUser(web.database.kysely, params.id)
    await web.database.write((db) => removeUser(db, user.id, web.clock.now()))
    if (user.hasInitialPassword) forgetInitialPassword(web.config.dataDir)
    return { success: true as const }
  },
})

const endLoginsRoute = defineRoute({
  method: 'delete',
  path: '/api/users/:id/sessions',
  tag: 'Accounts',
  summary: 'End all browser logins of a user',
  access: administrator,
  params: userId,
  reply: z.object({ ended: z.number() }),
  async handle({ web, params, caller }) {
    if (params.id === caller!.userId) {
      throw new AppError('conflict', 'End your own logins with DELETE /api/account/sessions.')
    }
    const ended = await web.database.write(async (db) => {
      const { id } = await getUser(db, params.id)
      return endLogins(db, { userId: id }, `ended by ${caller!.name}`, web.clock.now())
    })
    return { ended }
  },
})

export const userRoutes: readonly Route[] = [listRoute, createRoute, changeRoute, removeRoute, endLoginsRoute]

/** The own password takes the one that was: a browser that was left open must not be enough. */
function refuseNewPassword(config: Config, caller: Caller, { id, name }: User) {
  if (id === caller.userId) {
    throw new AppError('conflict', 'Change your own password with POST /api/account/password.')
  }
  refuseGivenPassword(config, name)
}

function describeUser(user: User) {
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    has_initial_password: user.hasInitialPassword,
    created_at: user.createdAt,
    password_changed_at: user.passwordChangedAt,
    last_login_at: user.lastLoginAt,
  }
}
