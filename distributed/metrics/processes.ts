import type { KernelFiles } from './files.ts'

/** What the kernel counts in. */
export interface Units {
  pageBytes: number
  ticksPerSecond: number
}

const [atPageSize, atClockTicks] = [6, 17]

/** From this process's auxiliary vector: pages are 4 KiB nearly everywhere and 16 KiB on a Raspberry Pi 5. */
export function readUnits(files: KernelFiles, wordBytes: 4 | 8 = process.arch === 'arm' ? 4 : 8): Units {
  const vector = files.bytes('proc/self/auxv') ?? Buffer.alloc(0)
  const values = new Map<number, number>()
  for (let at = 0; at + 2 * wordBytes <= vector.length; at += 2 * wordBytes) {
    const word = (offset: number) =>
      wordBytes === 8 ? Number(vector.readBigUInt64LE(offset)) : vector.readUInt32LE(offset)
    values.set(word(at), word(at + wordBytes))
  }
  return {
    pageBytes: values.get(atPageSize) ?? 4096,
    ticksPerSecond: values.get(atClockTicks) ?? 100,
  }
}

/** A process, or a tree of them. */
export interface Usage {
  /** Processor time in ticks, with that of children that have ended. */
  ticks: number
  pages: number
}

export interface ProcessStat extends Usage {
  pid: number
  parent: number
  name: string
  /** Without those of its children. */
  ownTicks: number
  /** Ticks since boot: with the pid, no later process is the same. */
  startedAt: number
}

/** `/proc/PID/stat`; the name in it may hold spaces and parentheses. null: the process is gone. */
export function readProcess(files: KernelFiles, pid: number): ProcessStat | null {
  const text = files.text(`proc/${pid}/stat`)
  const end = text?.lastIndexOf(')') ?? -1
  if (!text || end < 0) return null
  const fields = text
    .slice(end + 2)
    .split(' ')
    .map(Number)
  const field = (number: number) => fields[number - 3] ?? Number.NaN
  const ownTicks = field(14) + field(15)
  const ticks = ownTicks + field(16) + field(17)
  if (!Number.isFinite(ticks + field(22) + field(24))) return null
  const name = text.slice(text.indexOf('(') + 1, end)
  return { pid, parent: field(4), name, startedAt: field(22), ownTicks, ticks, pages: Math.max(0, field(24)) }
}

/** More processes than this below one pane are not looked at. */
const mostProcesses = 500

/**
 * A process with everything that it started, by the kernel's own lists of children: only these processes are read,
 * not all of the machine's (a look at 10 sessions would otherwise cost the reading of hundreds of files).
 */
export function readTree(files: KernelFiles, pid: number): Usage | null {
  const first = readProcess(files, pid)
  if (!first) return null
  const total: Usage = { ticks: 0, pages: 0 }
  const left = [first]
  for (let seen = 0; left.length > 0 && seen < mostProcesses; seen += 1) {
    const { pid: next, ticks, pages } = left.pop()!
    total.ticks += ticks
    total.pages += pages
    for (const child of childrenOf(files, next)) {
      const found = readProcess(files, child)
      if (found) left.push(found)
    }
  }
  return total
}

/** Children of all its threads. */
function childrenOf(files: KernelFiles, pid: number): number[] {
  const threads = files.names(`proc/${pid}/task`)
  return threads.flatMap((thread) =>
    (files.text(`proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )
}
