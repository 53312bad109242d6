import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { scopes, type Scope } from '../core/account.ts'
import type { Clock, EpochMs } from '../core/clock.ts'
import { isAppError } from '../core/errors.ts'
import { getUser, type UserWithPassword } from '../db/account/users.ts'
import type { Database } from '../db/open.ts'
import type { SigningKeys } from './secret.ts'

interface ShortTokenContext {
  database: Database
  clock: Clock
  keys: SigningKeys
}

export interface ShortToken {
  user: UserWithPassword
  scopes: Scope[]
  expiresAt: EpochMs
}

/** A signed token (JWT, HS256) that nothing stores. It ends by its time, or when all logins of its user end. */
export async function signShortToken(
  { clock, keys }: Pick<ShortTokenContext, 'clock' | 'keys'>,
  { user, scopes, expiresAt }: ShortToken,
): Promise<string> {
  return new SignJWT({ scopes, version: user.loginVersion })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(String(user.id))
    .setIssuedAt(new Date(clock.now()))
    .setExpirationTime(new Date(expiresAt))
    .sign(keys.tokens)
}

/** null: not ours, over, or its user's logins were ended. */
export async function readShortToken(
  { database, clock, keys }: ShortTokenContext,
  token: string,
): Promise<ShortToken | null> {
  const claims = await verify(token, keys.tokens, clock.now())
  if (!claims) return null
  const user = await findUserById(database, claims.sub)
  if (!user || user.loginVersion !== claims.version) return null
  return { user, scopes: claims.scopes, expiresAt: claims.exp * 1000 }
}

const issuer = 'architect'

const claimsSchema = z.object({
  sub: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  exp: z.number(),
  version: z.number(),
  scopes: z.array(z.enum(scopes)),
})

async function verify(token: string, key: Uint8Array, now: EpochMs) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer,
      currentDate: new Date(now),
    })
    return claimsSchema.safeParse(payload).data ?? null
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

async function findUserById({ kysely }: Database, id: number): Promise<UserWithPassword | null> {
  try {
    return await getUser(kysely, id)
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}
