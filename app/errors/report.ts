import type { EpochMs } from '../core/clock.ts'
import { maskText, maskTexts } from '../core/masking.ts'
import { errorLimits } from '../core/reported-error.ts'
import type { ErrorOccurrence } from '../db/error/record.ts'
import { fingerprintOf, fingerprintVersion, identityOf, stackShape } from './fingerprint.ts'
import { scrubJson, scrubText } from './scrub.ts'

/** One error as somebody reported it: of any length, with whatever stands in it. */
export interface Report {
  node: string
  errorType: string
  message: string
  source: string
  stack: string | null
  /** The agent's session that reports it. */
  session: string | null
  metadata: Record<string, unknown>
}

/** Whole words beyond a limit are looked at too, so that the limit leaves no half of a secret behind. */
const beyondChars = 4_000

/** What names an error: cut, without secrets. */
export interface NamedReport {
  errorType: string
  message: string
  source: string
  identity: string
  fingerprint: string
}

export function nameReport(report: Pick<Report, 'errorType' | 'message' | 'source'>): NamedReport {
  const named = {
    errorType: clean(report.errorType, errorLimits.nameChars) || 'error',
    message: clean(report.message, errorLimits.messageChars),
    source: clean(report.source, errorLimits.sourceChars),
  }
  return { ...named, identity: identityOf(named), fingerprint: fingerprintOf(named) }
}

/** As it is stored. Stack and metadata are made when somebody asks: most occurrences are only counted. */
export function occurrenceOf(report: Report, named: NamedReport, at: EpochMs): ErrorOccurrence {
  return {
    ...named,
    fingerprintVersion,
    at,
    node: clean(report.node, errorLimits.nameChars) || 'unknown',
    session: report.session === null ? null : clean(report.session, errorLimits.nameChars) || null,
    shape: stackShape(report.stack),
    sample: () => ({ stack: cleanStack(report.stack), metadata: cleanMetadata(report.metadata) }),
  }
}

/** No secrets, no half characters, no NUL (PostgreSQL takes none), and an end. */
function clean(text: string, mostChars: number): string {
  const scrubbed = withoutSecrets(text.slice(0, mostChars + beyondChars))
  return scrubbed.length > mostChars ? `${storable(scrubbed.slice(0, mostChars - 1))}…` : scrubbed
}

/** Of a long stack both ends: JavaScript tells what failed at the top, Python at the bottom. */
function cleanStack(stack: string | null): string | null {
  if (stack === null || stack === '') return null
  const scrubbed = withoutSecrets(stack)
  const left = scrubbed.length - errorLimits.stackChars
  if (left <= 0) return scrubbed
  const half = errorLimits.stackChars / 2
  const ends = [scrubbed.slice(0, half), `[${left} characters are left out]`, scrubbed.slice(-half)]
  return storable(ends.join('\n'))
}

function cleanMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
  const scrubbed = scrubJson(maskTexts(metadata)) as Record<string, unknown>
  const text = JSON.stringify(scrubbed)
  if (text.length > errorLimits.metadataChars) return { left_out: `${text.length} characters` }
  return JSON.parse(storable(text.replaceAll('\\u0000', '\\ufffd'))) as Record<string, unknown>
}

/** Values of the vault go before anything is cut, so that no cut leaves a part of one. */
function withoutSecrets(text: string): string {
  return scrubText(maskText(storable(text)))
}

function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
