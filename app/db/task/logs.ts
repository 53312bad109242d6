import { Buffer } from 'node:buffer'
import type { Held } from '../../core/queue.ts'
import { logLimits, type LogPart, type RunId } from '../../core/task.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { noteRun } from './run.ts'

/**
 * Adds parts to a run's log. Its beginning and its end are kept (`logLimits`); what falls between them goes. Parts
 * that are there already are passed over, so that a worker may send them twice. Throws `conflict` when the run ended
 * or changed hands.
 */
export async function appendTaskLog(db: Db, held: Held, parts: readonly LogPart[]): Promise<void> {
  const last = parts.at(-1)
  if (!last) return
  await noteRun(db, held, { log_bytes: last.at + last.bytes, log_tail: lastBytes(parts) })
  for (const { at, bytes, text } of parts) await insertPart(db, { runId: held.id, at, bytes, text })
  const end = last.at + last.bytes
  if (end > logLimits.headBytes + logLimits.tailBytes) {
    await cutMiddle(db, { runId: held.id, from: logLimits.headBytes, to: end - logLimits.tailBytes })
  }
}

/** Parts from a byte on, in order, until so many bytes are together. */
export async function readTaskLog(
  db: Db,
  runId: RunId,
  from = 0,
  limitBytes = 2 * (logLimits.headBytes + logLimits.tailBytes),
): Promise<LogPart[]> {
  const rows = await db
    .selectFrom('task_logs')
    .select(['at', 'bytes', 'text'])
    .where('run_id', '=', runId)
    .where('at', '>=', from)
    .orderBy('at')
    .limit(mostParts)
    .execute()
  let bytes = 0
  const upTo = rows.findIndex((row) => (bytes += row.bytes) > limitBytes)
  return upTo === -1 ? rows : rows.slice(0, Math.max(1, upTo))
}

/** Parts of a page; each is a worker's flush. */
const mostParts = 5_000

function lastBytes(parts: readonly LogPart[]): string {
  let text = ''
  for (const part of parts.toReversed()) {
    text = part.text + text
    if (text.length >= logLimits.lastBytes) break
  }
  const bytes = Buffer.from(text)
  return bytes.length <= logLimits.lastBytes
    ? text
    : bytes
        .subarray(-logLimits.lastBytes)
        .toString()
        .replace(/^\uFFFD+/, '')
}

const insertPart = compileOnce((db, p: LogPart & { runId: RunId }) =>
  db
    .insertInto('task_logs')
    .values({ run_id: p.runId, at: p.at, bytes: p.bytes, text: p.text })
    .onConflict((conflict) => conflict.columns(['run_id', 'at']).doNothing()),
)

const cutMiddle = compileOnce((db, p: { runId: RunId; from: number; to: number }) =>
  db.deleteFrom('task_logs').where('run_id', '=', p.runId).where('at', '>=', p.from).where('at', '<', p.to),
)
