import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const headerBytes = 32
const frameHeaderBytes = 24

/**
 * How many transactions the write-ahead log of a SQLite database holds: frames that end one carry the size of the
 * database (https://sqlite.org/fileformat2.html#the_write_ahead_log). Right as long as nothing was checkpointed.
 */
export function countCommits(dataDir: string): number {
  const log = readFileSync(join(dataDir, 'architect.db-wal'))
  const pageBytes = log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  let commits = 0
  for (let at = headerBytes; at + frameHeaderBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    const isOfThisLog = log.subarray(at + 8, at + 16).equals(salt)
    if (isOfThisLog && log.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}
