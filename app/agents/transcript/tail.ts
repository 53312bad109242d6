import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { EpochMs } from '../../core/clock.ts'

/** Reads what is appended to a file of lines, from the first line that can be of interest. */
export interface Tail {
  /**
   * Complete lines that were written since the last call. A half-written line waits for its end. `restarted`:
   * the file was replaced or cut, and these lines are its first. Throws what `open` throws.
   */
  read(): { lines: string[]; restarted: boolean }
}

/** Lines older than `since` are left out, as far as whole blocks of the file are older. */
export function createTail(file: string, since: EpochMs): Tail {
  let inode = -1
  let offset = 0
  let rest = Buffer.alloc(0)
  return {
    read() {
      const descriptor = openSync(file, 'r')
      try {
        const { ino, size } = fstatSync(descriptor)
        const restarted = ino !== inode || size < offset
        if (restarted) {
          inode = ino
          offset = findStart(descriptor, size, since)
          rest = Buffer.alloc(0)
        }
        const added = readBlock(descriptor, offset, size - offset)
        offset += added.length
        const bytes = Buffer.concat([rest, added])
        const end = bytes.lastIndexOf(newline) + 1
        rest = Buffer.from(bytes.subarray(end))
        return { lines: bytes.toString('utf8', 0, end).split('\n').slice(0, -1), restarted }
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

const newline = 0x0a
const blockBytes = 1 << 20

/** Lines are not strictly in order of time: what was said before a compaction is repeated after it. */
const disorderMs = 10 * 60_000

/** The beginning of the last block whose first dated line is safely older than `since`. */
function findStart(descriptor: number, size: number, since: EpochMs): number {
  for (let start = size - blockBytes; start > 0; start -= blockBytes) {
    const block = readBlock(descriptor, start, blockBytes)
    const lineStart = block.indexOf(newline) + 1
    const date = /"timestamp":\s*"([^"]+)"/.exec(block.toString('utf8', lineStart))?.[1]
    if (lineStart > 0 && date !== undefined && Date.parse(date) < since - disorderMs) return start + lineStart
  }
  return 0
}

function readBlock(descriptor: number, from: number, length: number): Buffer {
  const block = Buffer.alloc(Math.max(0, length))
  const count = readSync(descriptor, block, 0, block.length, from)
  return block.subarray(0, count)
}
