import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits behind a prefix, how they are stored, and what may be shown of them. */
export function makeSecret(prefix: string): { secret: string; secretHash: string; hint: string } {
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`
  return { secret, secretHash: hashOf(secret), hint: secret.slice(0, prefix.length + 4) }
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
