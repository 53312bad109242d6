import { z } from 'zod'
import type { EpochMs } from './clock.ts'
import type { DecidedByRule, InteractionId } from './interaction.ts'
import type { Transition } from './lifecycle.ts'

export type PatternId = number

export const effects = ['allow', 'deny', 'ask'] as const
export type Effect = (typeof effects)[number]

export const patternStates = ['draft', 'live', 'off', 'deleted'] as const
export type PatternState = (typeof patternStates)[number]

/** A draft is only tried against the history; a rule that decided something is kept after its deletion. */
export const patternEvents = {
  enable: { from: ['draft', 'off'], to: 'live' },
  disable: { from: ['live'], to: 'off' },
  edit: { from: ['draft', 'live', 'off'], to: 'draft' },
  delete: { from: ['draft', 'live', 'off'], to: 'deleted' },
} as const satisfies Record<string, Transition<PatternState>>
export type PatternEvent = keyof typeof patternEvents

/** How much a session of one tier is granted without a rule (`views/docs/permissions.md`). */
export const autoConfirms = ['full', 'routine', 'manual'] as const

export const policyTiers = ['high_level', 'manager', 'worker'] as const
export type PolicyTier = (typeof policyTiers)[number]

/** What holds where no pattern matches. */
export const policySchema = z.object({
  tiers: z.object({
    high_level: z.enum(autoConfirms),
    manager: z.enum(autoConfirms),
    worker: z.enum(autoConfirms),
  }),
  /** Names of shipped rules that a person has switched off. */
  withoutShipped: z.array(z.string().max(100)).max(200),
})
export type Policy = z.infer<typeof policySchema>

/** As the documents have it: workers in full, managers what is routine, high-level sessions ask. */
export const defaultPolicy: Policy = {
  tiers: { high_level: 'manual', manager: 'routine', worker: 'full' },
  withoutShipped: [],
}

const names = z.array(z.string().min(1).max(400)).min(1).max(50).optional()

/**
 * When a pattern matches: every given field must fit, and one of its values does. None of it may be a guess: what
 * can't be told of an interaction fits no condition of an `allow`.
 */
export const conditionsSchema = z.strictObject({
  /** `shell`, `edit`, `write`, `read`, `fetch`, `mcp:github/get_issue`, `mcp:github/*`, `other`. */
  tools: names,
  /**
   * One simple command a line, as words: `git status`, `npm run test ...`, `cat <path>`, `git commit -m <text>`.
   * `<path>`: one word inside the project. `<text>`: one word, not an option. `...` at the end: any further words.
   * A word with blanks or quotes in it stands in single quotes. See `app/patterns/command-template.ts`.
   */
  commands: names,
  /** Globs over absolute paths; one without a leading `/` is relative to the project: `src/**`. */
  paths: names,
  /** Every path that is touched lies in the project, or none does. */
  inside: z.enum(['project', 'outside']).optional(),
  /** `docs.rs`, `*.github.com`. */
  hosts: names,
  sessions: names,
  tiers: z.array(z.enum(policyTiers)).min(1).optional(),
  /** Absolute folders: sessions whose project is there, or below. */
  projects: z.array(z.string().startsWith('/').max(1_000)).min(1).max(50).optional(),
  agents: names,
})
export type Conditions = z.infer<typeof conditionsSchema>

/** A rule that says neither what is used nor what is run would mean nothing, and look as if it meant everything. */
export const ruleConditionsSchema = conditionsSchema
  .refine(({ tools, commands, hosts }) => tools ?? commands ?? hosts, {
    error: 'must say what the rule is about: tools, commands or hosts',
  })
  .refine(({ commands = [] }) => commands.every((line) => commandLine.test(line)), {
    error: 'must be words, the program first; a word with blanks or quotes stands in single quotes',
    path: ['commands'],
  })
  .refine(({ commands = [] }) => !commands.some((line) => operators.test(line.replaceAll(quoted, "''"))), {
    error: 'must be one simple command a line; a word with ; & or | in it stands in single quotes',
    path: ['commands'],
  })

const quoted = /'(?:[^']|'')*'/g
/** What joins commands; the rule would mean a word that looks like this. */
const operators = /[;&|]/

/** A program, then words, in single quotes or without any (`app/patterns/command-template.ts`). */
const commandLine = /^\s*(?!<path>|<text>|\.\.\.(?:\s|$))(?:(?:'(?:[^']|'')*'|[^\s']+)(?:\s+|$))+$/

/** What a person hands in. */
export const newPatternSchema = z.strictObject({
  name: z.string().min(1).max(200),
  effect: z.enum(effects),
  // Left out it says as little as empty, and is refused in the same words.
  conditions: ruleConditionsSchema.prefault({}),
  note: z.string().max(2_000).optional(),
})
export type NewPattern = z.infer<typeof newPatternSchema>

/** A rule that answers interactions. */
export interface Pattern extends NewPattern {
  id: PatternId
  /** Raised by every change of effect or conditions; decisions name it. */
  version: number
  state: PatternState
  note: string
  /** The interaction that it was made from; null when it was written by hand. */
  madeFrom: InteractionId | null
  createdBy: string
  createdAt: EpochMs
  updatedAt: EpochMs
}

/** What is to be done with an interaction, by which rule, and why in a sentence. `ask`: a person decides. */
export interface Decision {
  effect: Effect
  by: DecidedByRule
  /** Further patterns without which it would not have been allowed: one for each part of a compound command. */
  also: DecidedByRule[]
  reason: string
}
