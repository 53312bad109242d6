import { z } from 'zod'
import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { PromptId } from './prompt.ts'

/** Of one error, and of its group, which has the id of its first error. */
export type ErrorId = number

export const errorStates = ['open', 'regressed', 'resolved', 'ignored'] as const
export type ErrorState = (typeof errorStates)[number]

/** The same shape for a state everywhere. */
export const errorGlyph: Record<ErrorState, string> = {
  open: '●',
  regressed: '↻',
  resolved: '✓',
  ignored: '⊘',
}

/** The life of a group: people resolve, ignore and reopen it; it regresses when it happens after it was resolved. */
export const errorEvents = {
  resolve: { from: ['open', 'regressed', 'ignored'], to: 'resolved' },
  ignore: { from: ['open', 'regressed'], to: 'ignored' },
  reopen: { from: ['resolved', 'ignored'], to: 'open' },
  regress: { from: ['resolved'], to: 'regressed' },
} as const satisfies Record<string, Transition<ErrorState>>
export type ErrorEvent = keyof typeof errorEvents

/** Errors whose type, message and source are the same, letter by letter. */
export interface ReportedError {
  id: ErrorId
  groupId: ErrorId
  errorType: string
  message: string
  source: string
  /** How often it happened. */
  count: number
  firstSeenAt: EpochMs
  lastSeenAt: EpochMs
  /** Where it happened first. */
  node: string
  /** Of its group. */
  state: ErrorState
}

/** Errors that differ only in numbers, ids, paths and times. */
export interface ErrorGroup {
  id: ErrorId
  state: ErrorState
  fingerprint: string
  /** Which rules made the fingerprint. */
  fingerprintVersion: number
  errorType: string
  /** As it came first. */
  message: string
  source: string
  count: number
  /** Different errors in it, at most `errorLimits.errorsPerGroup`. */
  errors: number
  /** How often it happened in words that are not listed, because there were too many different ones. */
  unlisted: number
  nodes: number
  firstSeenAt: EpochMs
  lastSeenAt: EpochMs
  firstNode: string
  lastNode: string
  /** Since when it is in its state, and who brought it there; null: nobody did. */
  changedAt: EpochMs
  changedBy: string | null
  /** The prompt that was last sent to have it fixed. */
  promptId: PromptId | null
}

export const sampleKinds = ['first', 'latest', 'rare'] as const
export type SampleKind = (typeof sampleKinds)[number]

/** One time that it happened, kept whole. `rare`: the first with a stack of this shape. */
export interface ErrorSample {
  kind: SampleKind
  at: EpochMs
  node: string
  /** The agent's session that reported it. */
  session: string | null
  message: string
  stack: string | null
  /** What the reporter added: release, environment, tags. */
  metadata: Record<string, unknown>
}

/** Whatever is longer is cut, whatever is more is counted only. */
export const errorLimits = {
  bodyBytes: 1_048_576,
  nameChars: 200,
  sourceChars: 1_000,
  messageChars: 8_000,
  stackChars: 32_000,
  metadataChars: 8_000,
  groups: 20_000,
  errorsPerGroup: 100,
  nodesPerGroup: 100,
  rareSamples: 8,
} as const

/** How much may be reported; what is beyond is refused with the time to wait, and counted. */
export const reportRatesSchema = z.object({
  /** Of one source on one node: on average, and at once. */
  perSecond: z.number().int().min(1).max(1_000_000),
  burst: z.number().int().min(1).max(10_000_000),
  /** Of one network address, whatever it says where the errors are from. */
  addressPerSecond: z.number().int().min(1).max(1_000_000),
  addressBurst: z.number().int().min(1).max(10_000_000),
  /** Kinds of errors that were never seen before, of one network address. */
  kindsPerMinute: z.number().int().min(1).max(1_000_000),
})
export type ReportRates = z.infer<typeof reportRatesSchema>

export const usualReportRates: ReportRates = {
  perSecond: 200,
  burst: 15_000,
  addressPerSecond: 1_000,
  addressBurst: 60_000,
  kindsPerMinute: 2_000,
}
