import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** One line of the process table. `startedAt` is in clock ticks since boot: with the pid it names a process. */
export interface ProcessEntry {
  pid: number
  /** The kernel's name for it, at most 15 bytes. */
  name: string
  /** One letter: `R` running, `S` sleeping, `T` stopped by Ctrl-Z, `Z` dead. */
  state: string
  parent: number
  group: number
  /** The process group that the terminal listens to; -1 without a terminal. */
  foregroundGroup: number
  startedAt: number
}

/**
 * Reads Linux' /proc. Processes vanish while they are looked at and others belong to other users: what can't
 * be read is null or empty, never thrown.
 */
export class ProcessTable {
  readonly #root: string

  constructor(root = '/proc') {
    this.#root = root
  }

  entry(pid: number): ProcessEntry | null {
    const line = unlessGone(() => readShort(`${this.#root}/${pid}/stat`))
    // The name stands in brackets and may hold brackets and blanks itself.
    const end = line?.lastIndexOf(')') ?? -1
    if (!line || end < 0) return null
    const fields = line.slice(end + 2).split(' ')
    return {
      pid,
      name: line.slice(line.indexOf('(') + 1, end),
      state: fields[0] ?? '?',
      parent: Number(fields[1]),
      group: Number(fields[2]),
      foregroundGroup: Number(fields[5]),
      startedAt: Number(fields[19]),
    }
  }

  children(pid: number): number[] {
    const line = this.#read(pid, `task/${pid}/children`) ?? ''
    return line.split(' ').filter(Boolean).map(Number)
  }

  argv(pid: number): string[] {
    const line = this.#read(pid, 'cmdline') ?? ''
    return line.replace(/\0+$/, '').split('\0')
  }

  cwd(pid: number): string | null {
    return this.#link(pid, 'cwd')
  }

  /** The environment that the process was started with; empty when it is another user's. */
  environment(pid: number): Map<string, string> {
    const pairs = (this.#read(pid, 'environ') ?? '').split('\0').filter((pair) => pair.includes('='))
    return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  }

  /** The file behind a descriptor. */
  openFile(pid: number, descriptor: string): string | null {
    return this.#link(pid, `fd/${descriptor}`)
  }

  #read(pid: number, file: string): string | null {
    return unlessGone(() => readFileSync(join(this.#root, String(pid), file), 'utf8'))
  }

  #link(pid: number, file: string): string | null {
    return unlessGone(() => readlinkSync(join(this.#root, String(pid), file)))
  }
}

const short = Buffer.alloc(4096)

/** `stat` is read for every pane at every look: one read into a buffer that is there already. */
function readShort(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    return short.toString('utf8', 0, readSync(descriptor, short, 0, short.length, null))
  } finally {
    closeSync(descriptor)
  }
}

const goneCodes = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL'])

function unlessGone(read: () => string): string | null {
  try {
    return read()
  } catch (error) {
    if (goneCodes.has((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
