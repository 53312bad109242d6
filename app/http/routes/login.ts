import { z } from 'zod'
import { logIn } from '../../accounts/log-in.ts'
import { signShortToken } from '../../accounts/short-token.ts'
import { roles, scopes } from '../../core/account.ts'
import { defineRoute, type Route } from '../route.ts'
import { isLocalPath, Redirect } from '../redirect.ts'

const credentials = {
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
}

const userSchema = z.object({ id: z.number(), name: z.string(), role: z.enum(roles) })

/** A path on this host to go on to; anything else is as if it were not there. */
const nextPath = z
  .string()
  .optional()
  .transform((path) => (path !== undefined && isLocalPath(path) ? path : '/'))

const logInRoute = defineRoute({
  method: 'post',
  path: '/login',
  tag: 'Accounts',
  summary: 'Log in with name and password; the cookie of the answer is the login',
  access: 'public',
  form: true,
  query: z.object({ next: z.string().optional() }),
  body: z.object({ ...credentials, next: z.string().optional() }),
  reply: z.object({ success: z.literal(true), user: userSchema }),
  async handle({ web, body, query, address, browser }) {
    const { username, password } = body
    const user = await logIn(web, { name: username, password, address })
    await browser.startSession(user)
    if (browser.wantsPage) return new Redirect(nextPath.parse(body.next ?? query.next))
    return { success: true as const, user: { id: user.id, name: user.name, role: user.role } }
  },
})

const logOutRoute = defineRoute({
  method: 'post',
  path: '/logout',
  tag: 'Accounts',
  summary: 'End this login',
  access: 'public',
  reply: z.object({ success: z.literal(true) }),
  async handle({ browser }) {
    await browser.endSession()
    return browser.wantsPage ? new Redirect('/login?notice=logged-out') : { success: true as const }
  },
})

/** Seconds; a script that works longer uses an API token. */
const shortTokenSeconds = { least: 60, usual: 3_600, most: 43_200 }

const tokenRoute = defineRoute({
  method: 'post',
  path: '/api/token',
  tag: 'Accounts',
  summary: 'A short-lived token (JWT) for a script, against name and password',
  access: 'public',
  form: true,
  body: z.object({
    ...credentials,
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .default([...scopes]),
    expires_in: z.coerce
      .number()
      .int()
      .min(shortTokenSeconds.least)
      .max(shortTokenSeconds.most)
      .default(shortTokenSeconds.usual),
  }),
  reply: z.object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.number(),
    scopes: z.array(z.enum(scopes)),
  }),
  async handle({ web, body, address }) {
    const { username, password, scopes, expires_in } = body
    const user = await logIn(web, { name: username, password, address })
    const expiresAt = web.clock.now() + expires_in * 1000
    const access_token = await signShortToken(web, { user, scopes, expiresAt })
    return { access_token, token_type: 'Bearer' as const, expires_in, scopes }
  },
})

export const loginRoutes: readonly Route[] = [logInRoute, logOutRoute, tokenRoute]
