import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { passwordLength, userNamePattern, userNameRule } from './core/account.ts'
import { AppError } from './core/errors.ts'
import { nodeNamePattern, nodeNameRule } from './core/node.ts'
import { packageRoot } from './core/paths.ts'

/** What the environment says, checked once at the start of a process. */
export interface Config {
  /** Absolute folder of all run-time files (`ARCHITECT_DATA`; `data` beside package.json when unset). */
  dataDir: string
  /** `ARCHITECT_TMUX_SOCKET` as it was given; null means the user's own tmux server. */
  tmuxSocket: string | null
  /** `postgres://…` when several machines share one queue (`DATABASE_URL`); null means SQLite in `dataDir`. */
  databaseUrl: string | null
  /** The name of this machine (`ARCHITECT_NODE`). */
  node: string
  logLevel: LogLevel
  /** Where the dashboard listens (`HOST`, `PORT`); port 0 takes any free one. */
  host: string
  port: number
  /** HTTPS (`--ssl`); null: plain HTTP, for this machine or behind a proxy. */
  tls: TlsChoice | null
  /** A login without activity ends after this (`SESSION_TIMEOUT`, there in seconds). */
  sessionTimeoutMs: number
  /** The cookie of a login goes over HTTPS only (`SESSION_COOKIE_SECURE`); over HTTPS it always does. */
  secureCookie: boolean
  /** Proxies whose word on the client's address is taken (`TRUST_PROXY`): `loopback`, `10.0.0.0/8`. */
  trustedProxies: string[]
  /** What cookies and short-lived tokens are signed with (`SECRET_KEY`); null: `data/secret-key`. */
  secretKey: string | null
  /** Where systemd puts a unit's credentials (`CREDENTIALS_DIRECTORY`); null outside of such a unit. */
  credentialsDir: string | null
  /** Memory for files of this user (`XDG_RUNTIME_DIR`, or else `/dev/shm`). */
  runtimeDir: string
  /** The first user's name (`ARCHITECT_USER`). */
  adminName: string
  /** Their password, set anew by each start (`ARCHITECT_PASSWORD`); null: made by the first start. */
  adminPassword: string | null
}

/** Where the certificate comes from: given files, or our own in `data/tls`, made when it is missing. */
export type TlsChoice = { certificate: string; key: string } | 'own'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * Throws `invalid` with one line for each variable that has a wrong value. An empty variable counts as unset,
 * because `NAME= ./deploy.sh` and systemd's `Environment=NAME=` are how people switch one off.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = environment.safeParse(given)
  if (!read.success) throw new AppError('invalid', wrongValues(read.error.issues, given))
  return {
    dataDir: resolve(read.data.ARCHITECT_DATA),
    tmuxSocket: read.data.ARCHITECT_TMUX_SOCKET ?? null,
    databaseUrl: read.data.DATABASE_URL ?? null,
    node: read.data.ARCHITECT_NODE ?? nameOfThisMachine(),
    logLevel: read.data.LOG_LEVEL,
    host: read.data.HOST,
    port: read.data.PORT,
    tls: tlsOf(read.data),
    sessionTimeoutMs: read.data.SESSION_TIMEOUT * 1000,
    secureCookie: read.data.SESSION_COOKIE_SECURE === 'true',
    trustedProxies: read.data.TRUST_PROXY,
    secretKey: read.data.SECRET_KEY ?? null,
    credentialsDir: read.data.CREDENTIALS_DIRECTORY ?? null,
    runtimeDir: read.data.XDG_RUNTIME_DIR,
    adminName: read.data.ARCHITECT_USER,
    adminPassword: read.data.ARCHITECT_PASSWORD ?? null,
  }
}

const passwordRule = `${passwordLength.least} to ${passwordLength.most} characters`
const sessionTimeout = 'a whole number of seconds from 60 to 43200'

const environment = z.object({
  ARCHITECT_DATA: z
    .string()
    .refine((path) => path.trim() !== '' && !path.includes('\0'), { error: 'the path of a folder' })
    .default(join(packageRoot, 'data')),
  ARCHITECT_TMUX_SOCKET: z
    .string()
    .refine((value) => value.split(',').every((part) => part.trim() !== ''), {
      error: "a tmux socket's name, or its path with a /, or several of them separated by commas",
    })
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, { error: 'a postgres://user@host/database address' })
    .optional(),
  ARCHITECT_NODE: z.string().regex(nodeNamePattern, { error: nodeNameRule }).optional(),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'an address or a host name' })
    .default('0.0.0.0'),
  PORT: z.coerce
    .number({ error: 'a whole number from 0 to 65535' })
    .int({ error: 'a whole number from 0 to 65535' })
    .min(0, { error: 'a whole number from 0 to 65535' })
    .max(65_535, { error: 'a whole number from 0 to 65535' })
    .default(8080),
  ARCHITECT_SSL: z.enum(['true', 'false'], { error: 'true or false' }).default('false'),
  ARCHITECT_SSL_CERT: z.string().optional(),
  ARCHITECT_SSL_KEY: z.string().optional(),
  SESSION_TIMEOUT: z.coerce
    .number({ error: sessionTimeout })
    .int({ error: sessionTimeout })
    .min(60, { error: sessionTimeout })
    .max(43_200, { error: sessionTimeout })
    .default(3600),
  SESSION_COOKIE_SECURE: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false'], { error: 'true or false' }))
    .default('false'),
  TRUST_PROXY: z
    .string()
    .transform((list) => list.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every(isProxyAddress), {
      error: 'loopback or addresses, with /bits for a network, separated by commas',
    })
    .default([]),
  SECRET_KEY: z.string().min(16, { error: 'at least 16 characters that nobody can guess' }).optional(),
  CREDENTIALS_DIRECTORY: z.string().optional(),
  XDG_RUNTIME_DIR: z.string().default('/dev/shm'),
  ARCHITECT_USER: z.string().regex(userNamePattern, { error: userNameRule }).default('architect'),
  ARCHITECT_PASSWORD: z
    .string()
    .min(passwordLength.least, { error: passwordRule })
    .max(passwordLength.most, { error: passwordRule })
    .optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(', ')}` }).default('info'),
})

/** Throws `invalid` when half of a pair is given. */
function tlsOf(given: {
  ARCHITECT_SSL: string
  ARCHITECT_SSL_CERT?: string | undefined
  ARCHITECT_SSL_KEY?: string | undefined
}): TlsChoice | null {
  const { ARCHITECT_SSL_CERT: certificate, ARCHITECT_SSL_KEY: key } = given
  if ((certificate === undefined) !== (key === undefined)) {
    throw new AppError(
      'invalid',
      'A certificate and its key belong together: give --cert FILE and --key FILE.',
    )
  }
  if (certificate !== undefined && key !== undefined) {
    return { certificate: resolve(certificate), key: resolve(key) }
  }
  return given.ARCHITECT_SSL === 'true' ? 'own' : null
}

function isProxyAddress(part: string): boolean {
  const [address = '', bits, more] = part.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  if (part === 'loopback') return true
  return isIP(address) !== 0 && more === undefined && (bits === undefined || isBits(bits, most))
}

const isBits = (text: string, most: number) => /^\d{1,3}$/.test(text) && Number(text) <= most

/** Their values are not repeated: they are secrets, or carry some. */
const secretNames = ['DATABASE_URL', 'SECRET_KEY', 'ARCHITECT_PASSWORD']

function wrongValues(issues: z.core.$ZodIssue[], given: Record<string, string | undefined>): string {
  return issues
    .map((issue) => {
      const name = String(issue.path[0])
      const shown = secretNames.includes(name) ? 'Its value' : JSON.stringify(given[name])
      return `${name} must be ${issue.message}. ${shown} is not.`
    })
    .join('\n')
}

function nameOfThisMachine(): string {
  const short = hostname().split('.')[0] ?? ''
  return nodeNamePattern.test(short) ? short : 'localhost'
}
