import type { EpochMs } from './clock.ts'

/** What a person may do: look, steer prompts and sessions, or settle everything. Each includes the one before. */
export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** What a token may be used for; its owner's role is the upper bound. */
/** `work`: what a task worker asks for; it gets the secrets of the tasks that it is given. */
export const scopes = ['read', 'prompts', 'sessions', 'tasks', 'work', 'secrets', 'admin'] as const
export type Scope = (typeof scopes)[number]

export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

/** `session`: an agent that used its own token; `worker`: a process of ours; `rule`: a pattern or a policy. */
export const actorKinds = ['user', 'token', 'session', 'worker', 'rule'] as const

/** Who did something, as the activity log names them. */
export interface Actor {
  kind: (typeof actorKinds)[number]
  name: string
  /** Where it came from over the network; null on this machine. */
  address: string | null
}

export interface User {
  id: number
  /** As it was given; compared without regard to case. */
  name: string
  role: Role
  /** Still has the password that the first start made. */
  hasInitialPassword: boolean
  createdAt: EpochMs
  passwordChangedAt: EpochMs
  lastLoginAt: EpochMs | null
}

/** A login of a browser, as its owner sees it. */
export interface BrowserSession {
  id: number
  userId: number
  address: string
  userAgent: string
  createdAt: EpochMs
  activeAt: EpochMs
  /** When its user said the password last: at the login, or later again. */
  confirmedAt: EpochMs
}

/** An API token without its secret, which is shown once and never stored. */
export interface ApiToken {
  id: number
  userId: number
  userName: string
  name: string
  /** Its first letters. */
  hint: string
  scopes: Scope[]
  createdAt: EpochMs
  expiresAt: EpochMs | null
  usedAt: EpochMs | null
  usedFrom: string | null
}

export const userNamePattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
export const userNameRule = 'a name of at most 64 letters, digits, dots, dashes, underscores or @'

/** Characters of a password; the upper bound keeps hashing cheap. */
export const passwordLength = { least: 8, most: 256 }
