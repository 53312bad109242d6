import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from './core/errors.ts'
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
}

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
  }
}

const nodeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

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
  ARCHITECT_NODE: z
    .string()
    .regex(nodeName, { error: 'a name of at most 63 letters, digits, dots, dashes or underscores' })
    .optional(),
  HOST: z.string().regex(/^[\w.:-]+$/, { error: 'an address or a host name' }).default('0.0.0.0'),
  PORT: z.coerce
    .number({ error: 'a whole number from 0 to 65535' })
    .int({ error: 'a whole number from 0 to 65535' })
    .min(0, { error: 'a whole number from 0 to 65535' })
    .max(65_535, { error: 'a whole number from 0 to 65535' })
    .default(8080),
  LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(', ')}` }).default('info'),
})

/** The values of addresses are not repeated: they carry passwords. */
function wrongValues(issues: z.core.$ZodIssue[], given: Record<string, string | undefined>): string {
  return issues
    .map((issue) => {
      const name = String(issue.path[0])
      const shown = name === 'DATABASE_URL' ? 'Its value' : JSON.stringify(given[name])
      return `${name} must be ${issue.message}. ${shown} is not.`
    })
    .join('\n')
}

function nameOfThisMachine(): string {
  const short = hostname().split('.')[0] ?? ''
  return nodeName.test(short) ? short : 'localhost'
}
