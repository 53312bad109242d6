import { statSync } from 'node:fs'
import type { EpochMs } from '../../core/clock.ts'
import type { RecordedTurn, TurnLog } from './recorded-turn.ts'
import { createTail, type Tail } from './tail.ts'

export interface TurnReader {
  /** The turns of a record; empty when the file is gone. One `stat` when nothing was added. */
  turnsOf(file: string, since: EpochMs): RecordedTurn[]
}

/** Reads records of one kind, each line once. */
export function createTurnReader(createLog: () => TurnLog): TurnReader {
  const open = new Map<string, OpenRecord>()
  return {
    turnsOf(file, since) {
      const stat = statSync(file, { throwIfNoEntry: false, bigint: true })
      if (!stat) {
        open.delete(file)
        return []
      }
      const record = reuse(open.get(file), since) ?? { ...newRecord(file, since, createLog) }
      // The most recently used stands last: the first is the one to forget.
      open.delete(file)
      open.set(file, record)
      const oldest = open.keys().next().value
      if (open.size > maxOpen && oldest !== undefined) open.delete(oldest)
      const mark = `${stat.ino} ${stat.size} ${stat.mtimeNs}`
      if (record.mark !== mark) readOn(record, mark, createLog)
      return record.log.turns
    },
  }
}

interface OpenRecord {
  tail: Tail
  log: TurnLog
  since: EpochMs
  mark: string
}

/** Records whose turns are kept in memory. */
const maxOpen = 200

function newRecord(file: string, since: EpochMs, createLog: () => TurnLog): OpenRecord {
  return { tail: createTail(file, since), log: createLog(), since, mark: '' }
}

/** A record that was opened for a later time lacks its beginning. */
function reuse(record: OpenRecord | undefined, since: EpochMs): OpenRecord | null {
  return record && record.since <= since ? record : null
}

function readOn(record: OpenRecord, mark: string, createLog: () => TurnLog) {
  const { lines, restarted } = record.tail.read()
  if (restarted) record.log = createLog()
  for (const line of lines) record.log.addLine(line)
  record.mark = mark
}
