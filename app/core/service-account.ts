import type { EpochMs } from './clock.ts'
import type { SecretId } from './secret.ts'

export type ServiceAccountId = number

/** `limited`: it works, within a quota that is used up for now. */
export const serviceAccountStatuses = ['active', 'limited', 'suspended', 'closed'] as const
export type ServiceAccountStatus = (typeof serviceAccountStatuses)[number]

/** The same shape for a status everywhere. */
export const serviceAccountGlyph: Record<ServiceAccountStatus, string> = {
  active: '●',
  limited: '◔',
  suspended: '▲',
  closed: '⊘',
}

/** A login at a service of somebody else, which sessions or programs of a node use. */
export interface ServiceAccount {
  id: ServiceAccountId
  /** github, anthropic, npm. */
  service: string
  loginName: string
  /** Name of the machine that uses it; '' for all of them. */
  node: string
  status: ServiceAccountStatus
  description: string
  /** What opens it, in the vault; null: nothing that is kept there. */
  secretId: SecretId | null
  /** null: it has none, or that secret was deleted. */
  secretName: string | null
  /** Rises by one with each change. */
  version: number
  createdAt: EpochMs
  createdBy: string
  updatedAt: EpochMs
  updatedBy: string
}

/** How many there are of one service, on one node. */
export interface ServiceAccountCount {
  service: string
  node: string
  status: ServiceAccountStatus
  count: number
  /** Of those, without a secret that is there. */
  withoutSecret: number
}

export const serviceAccountLimits = { nameChars: 200, descriptionChars: 2_000, accounts: 10_000 } as const
