import { randomSecret } from './secret.ts'

/** By which people and secret scanners know an API token of ours. */
export const tokenPrefix = 'arch_'

/** A new API token: 256 random bits. `hint` is what may be stored and shown of it. */
export function makeToken(): { secret: string; hint: string } {
  const secret = `${tokenPrefix}${randomSecret(32)}`
  return { secret, hint: secret.slice(0, tokenPrefix.length + 4) }
}
