import type { Actor } from './account.ts'
import type { EpochMs } from './clock.ts'

/** What a secret is for, in the words of the API. */
export const secretCategories = [
  'api_key',
  'password',
  'token',
  'certificate',
  'ssh_key',
  'env_var',
  'general',
] as const
export type SecretCategory = (typeof secretCategories)[number]

export type SecretId = number

/** A secret as lists show it: everything but its value. */
export interface Secret {
  id: SecretId
  name: string
  category: SecretCategory
  description: string
  /** The number of the version that counts; numbers only rise. */
  version: number
  /** As many as are kept, with the one that counts. */
  versions: number
  /** From then on it should no longer be used; null for never. */
  expiresAt: EpochMs | null
  /** People are reminded this many days before. */
  remindDays: number
  accessCount: number
  lastAccessedAt: EpochMs | null
  lastAccessedBy: string | null
  createdAt: EpochMs
  createdBy: string
  updatedAt: EpochMs
  updatedBy: string
}

/** One value that a secret has or had, without that value. */
export interface SecretVersion {
  number: number
  /** Why it was made, when it was no plain change: `as version 2 was`. */
  note: string | null
  createdAt: EpochMs
  createdBy: string
}

/** What somebody did with the vault. The rows form a chain: each one's `mac` covers the one before. */
export interface VaultDeed {
  seq: number
  at: EpochMs
  action: VaultAction
  /** null: it is about the vault itself. */
  secretId: SecretId | null
  name: string | null
  version: number | null
  by: Actor
  /** What for, or what was changed; never a value. */
  detail: string
}

export const vaultActions = [
  'init',
  'create',
  'reveal',
  'give',
  'change',
  'rollback',
  'delete',
  'export',
  'seal',
  'unlock',
  'rotate',
  'rotated',
] as const
export type VaultAction = (typeof vaultActions)[number]

/** Where a master key comes from; never the database. */
export const keyKinds = ['file', 'passphrase', 'credential'] as const
export type KeyKind = (typeof keyKinds)[number]

export type VaultStatus =
  | { state: 'new'; reason: null }
  | { state: 'open'; reason: null; kind: KeyKind; rotating: boolean }
  | { state: 'sealed'; reason: string; kind: KeyKind; rotating: boolean }

/** One printable line that does not begin or end with a space and has no `=`, which separates it in files and commands. */
export const secretNamePattern = /^(?! )[^\p{C}=\u2028\u2029]{1,128}(?<! )$/u
export const secretNameRule = 'one line of at most 128 characters, without "=" and without spaces around it'

/** What a shell takes for the name of a variable. */
export const variablePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

export const secretLimits = {
  /** Of a value, in characters: certificates with their chains fit. */
  valueChars: 64 * 1024,
  descriptionChars: 2_000,
  /** Values of one secret that are kept; the oldest goes. */
  versions: 20,
  secrets: 10_000,
  remindDays: 365,
} as const

export const usualRemindDays = 14
