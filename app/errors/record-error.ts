import type { EpochMs } from '../core/clock.ts'
import { recordErrors, type RecordedError } from '../db/error/record.ts'
import type { Db } from '../db/schema.ts'
import { nameReport, occurrenceOf, type Report } from './report.ts'

/** Stores an error of somebody who is known and counts what they report themselves. */
export async function recordError(db: Db, report: Report, now: EpochMs): Promise<RecordedError> {
  const [recorded] = await recordErrors(db, [occurrenceOf(report, nameReport(report), now)])
  return recorded!
}
