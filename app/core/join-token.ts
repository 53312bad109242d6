import { AppError } from './errors.ts'

/** By which people and secret scanners know an invitation. */
export const joinTokenPrefix = 'archjoin_'
/** By which people and secret scanners know a node's own key. */
export const nodeKeyPrefix = 'archnode_'

/** What an invitation carries: one line that a person copies from one machine to another. */
export interface Invitation {
  /** What the dashboard knows it by. */
  secret: string
  /** Where the dashboard is, as other machines reach it; null: the person says. */
  url: string | null
  /** SHA-256 of the dashboard's certificate (DER), in hexadecimal; null: certificates are checked as usual. */
  fingerprint: string | null
}

/** `archjoin_SECRET` or `archjoin_SECRET.REST`; the rest is no secret, only carried along. */
export function writeInvitation({ secret, url, fingerprint }: Invitation): string {
  if (url === null && fingerprint === null) return secret
  const rest = JSON.stringify({
    ...(url !== null && { u: url }),
    ...(fingerprint !== null && { f: fingerprint }),
  })
  return `${secret}.${Buffer.from(rest).toString('base64url')}`
}

/** Throws `invalid` for what is no invitation, or only a part of one. */
export function readInvitation(text: string): Invitation {
  const [secret = '', rest] = text.trim().split('.')
  if (!/^archjoin_[\w-]{43}$/.test(secret)) throw broken()
  if (rest === undefined) return { secret, url: null, fingerprint: null }
  const { u, f } = parse(rest)
  if (u !== undefined && (typeof u !== 'string' || !/^https?:\/\//.test(u))) throw broken()
  if (f !== undefined && (typeof f !== 'string' || !/^[0-9a-f]{64}$/.test(f))) throw broken()
  return { secret, url: u ?? null, fingerprint: f ?? null }
}

function parse(rest: string): { u?: unknown; f?: unknown } {
  try {
    return JSON.parse(Buffer.from(rest, 'base64url').toString('utf8')) as { u?: unknown; f?: unknown }
  } catch (error) {
    throw broken(error)
  }
}

function broken(cause?: unknown): AppError {
  return new AppError(
    'invalid',
    'This is no whole invitation. Copy it again: it is one line that begins with archjoin_.',
    { cause },
  )
}
