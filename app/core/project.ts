import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'

export type ProjectId = number

export const projectStatuses = ['active', 'paused', 'archived'] as const
export type ProjectStatus = (typeof projectStatuses)[number]

/** The same shape for a status everywhere. */
export const projectGlyph: Record<ProjectStatus, string> = { active: '●', paused: '◇', archived: '⊘' }

/** The life of a project: an archived one is kept with all its work, and takes no new. */
export const projectEvents = {
  pause: { from: ['active'], to: 'paused' },
  resume: { from: ['paused', 'archived'], to: 'active' },
  archive: { from: ['active', 'paused'], to: 'archived' },
} as const satisfies Record<string, Transition<ProjectStatus>>
export type ProjectEvent = keyof typeof projectEvents

/** What people work on, usually a folder with a repository. */
export interface Project {
  id: ProjectId
  /** Short and unique, and stays: the ids of its work items begin with it (`ARC-12`). */
  key: string
  name: string
  /** Markdown. */
  description: string
  /** The real path of its folder on the dashboard's machine, absolute; null: it has none there. No two have the same. */
  rootPath: string | null
  repositoryUrl: string | null
  status: ProjectStatus
  metadata: Record<string, unknown>
  /** Rises by one with each change. */
  version: number
  createdAt: EpochMs
  createdBy: string
  updatedAt: EpochMs
}

export const projectKeyPattern = /^[A-Z][A-Z0-9]{1,9}$/
export const projectKeyRule = '2 to 10 capital letters and digits, a letter first: ARC'

export const projectLimits = {
  nameChars: 200,
  descriptionChars: 64 * 1024,
  pathChars: 4_096,
  urlChars: 2_000,
  metadataChars: 16 * 1024,
  projects: 10_000,
} as const

/**
 * Keys for a project of this name, the best first: the initials of several words (`edu apps` → EA), or the first
 * letters of one (`architect` → ARC); then the same with numbers, without an end.
 */
export function* keysForName(name: string): Generator<string, never> {
  const words = plainLetters(name).split(' ').filter(Boolean)
  const initials = words.map((word) => word[0]).join('')
  const joined = words.join('')
  const first = [initials.slice(0, 4), joined.slice(0, 3), joined.slice(0, 4), joined.slice(0, 5)]
  const fitting = first.map((key) => key.replace(/^\d+/, '')).filter((key) => projectKeyPattern.test(key))
  yield* new Set(fitting)
  const stem = fitting[0]?.slice(0, 6) ?? 'PRJ'
  for (let number = 2; ; number += 1) yield `${stem}${number}`
}

/** Capital letters of ASCII, digits, and single spaces between words. */
function plainLetters(name: string): string {
  const ascii = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase()
  return ascii.replace(/[^A-Z0-9]+/g, ' ').trim()
}
