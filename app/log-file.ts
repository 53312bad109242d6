import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { messageOf } from './core/errors.ts'
import { maskText } from './core/masking.ts'

/** Four files of this size per process are 20 MB: little on an SD card, days of work in a log. */
const maxLogBytes = 5_000_000
const keptLogs = 3

export interface LogFile {
  write(line: string): void
  close(): void
}

/**
 * A file that several processes may append to, and that never grows past its limit: `x.log` becomes `x.log.1`,
 * that one `x.log.2`, the last one goes. A log that can't be written never stops the work: the first failure is
 * said on stderr, and writing is tried again with each line.
 */
export function openLogFile(path: string, limit: { maxBytes?: number } = {}): LogFile {
  const maxBytes = limit.maxBytes ?? maxLogBytes
  let fd = openSync(path, 'a', 0o600)
  let failing = false

  function write(line: string) {
    try {
      if (fstatSync(fd).size >= maxBytes) fd = rotate(path, fd)
      writeSync(fd, maskText(line))
      failing = false
    } catch (error) {
      if (!failing) process.stderr.write(`architect: cannot write ${path}: ${messageOf(error)}\n`)
      failing = true
    }
  }

  return { write, close: () => closeSync(fd) }
}

/** The new file's descriptor. Another process may have rotated before: then its file is simply taken. */
function rotate(path: string, fd: number): number {
  if (fstatSync(fd).ino === statSync(path, { throwIfNoEntry: false })?.ino) {
    for (let age = keptLogs; age > 0; age--) shiftLog(path, age)
  }
  const next = openSync(path, 'a', 0o600)
  closeSync(fd)
  return next
}

function shiftLog(path: string, age: number) {
  const from = age === 1 ? path : `${path}.${age - 1}`
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${path}.${age}`)
}
