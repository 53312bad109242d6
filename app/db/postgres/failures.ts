import { AppError } from '../../core/errors.ts'

/** What went wrong at the server, as a sentence for a person; anything unknown comes back as it is. */
export function describePostgresFailure(error: unknown, databaseUrl: string): unknown {
  const code = codeOf(error)
  if (code === '25006') return new Error('A change was made outside of Database.write.', { cause: error })
  if (code === '22003') return new AppError('invalid', 'A number is too large.', { cause: error })
  const server = serverOf(databaseUrl)
  const sentence = sentenceFor(code, error, server)
  return sentence ? new AppError('unavailable', sentence, { cause: error }) : error
}

/** Another transaction was in the way, and this one left nothing behind: it may simply run again. */
export function isCollision(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {}
  return collisionCodes.has(codeOf(error)) || collisionCodes.has(codeOf(cause))
}

/** Serialization failure, deadlock; a target's row that retention removed in the moment of its use. */
const collisionCodes = new Set(['40001', '40P01', '23503'])

function sentenceFor(code: string, error: unknown, server: string): string | null {
  if (
    unreachableCodes.has(code) ||
    isConnectionLoss(error) ||
    code.startsWith('08') ||
    code.startsWith('57P')
  ) {
    return `The PostgreSQL server ${server} does not answer. Start it, or check DATABASE_URL; nothing was lost.`
  }
  if (code.startsWith('28'))
    return `The PostgreSQL server ${server} refused the login. Check the user and password in DATABASE_URL.`
  if (code === '3D000')
    return `The PostgreSQL server ${server} has no such database. Create it with createdb, or check DATABASE_URL.`
  if (code === '53100')
    return `The disk of the PostgreSQL server ${server} is full. Nothing was changed; free some space, then try again.`
  if (code === '53300')
    return `The PostgreSQL server ${server} has no connection left. Raise its max_connections, or stop a process.`
  if (code === '42501')
    return `The PostgreSQL server ${server} does not permit that. Give the user of DATABASE_URL all rights on the database.`
  return collisionCodes.has(code) && code !== '23503'
    ? `The PostgreSQL server ${server} is busy: other transactions were in the way again and again. Nothing was changed; try again.`
    : null
}

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
])

/** pg gives these no code. */
function isConnectionLoss(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Client .* is not queryable)/.test(
      error.message,
    )
  )
}

/** Without user and password. */
function serverOf(databaseUrl: string): string {
  return URL.canParse(databaseUrl) ? new URL(databaseUrl).host || 'on this machine' : 'of DATABASE_URL'
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  const code: unknown = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}
