import { readdirSync, readFileSync } from 'node:fs'

/** What a run's programs find in their environment, and by which they are known as ours: `WORKER:RUN`. */
export const markVariable = 'ARCHITECT_TASK_RUN'

/** A process with the state that matters here. */
interface Seen {
  pid: number
  group: number
  session: number
}

/**
 * Ends every process whose environment has this mark, whatever group it went to. tmux servers, and what runs in their
 * panes, live on: nobody who ends a task means to end sessions. Returns how many there were.
 */
export function killMarked(mark: string): number {
  const marked = listPids().filter((pid) => isMarked(pid, mark))
  for (const pid of marked) signal(pid, 'SIGKILL')
  return marked.length
}

/** Marks in the environments of all processes of this user, each once. */
export function marksAround(): string[] {
  const marks = listPids().map((pid) => environmentOf(pid)?.[markVariable])
  return [...new Set(marks.filter((mark) => mark !== undefined))]
}

/** false: it is gone already, or somebody else's, as what `sudo` started: nobody here can end that. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** Whether anything of a process group still runs; what is dead and not yet buried does not count. */
export function isGroupAlive(group: number): boolean {
  return listPids().some((pid) => {
    const seen = statOf(pid)
    return seen?.group === group
  })
}

/** The memory of a process and all that it started and that is still below it, in bytes. */
export function memoryBelow(pid: number): number {
  let bytes = residentBytes(pid)
  for (const child of childrenOf(pid)) bytes += memoryBelow(child)
  return bytes
}

/** Since when a process runs, in ticks: with its pid it is the same process only once. null: it is gone. */
export function startOf(pid: number): string | null {
  return statFields(pid)?.[19] ?? null
}

function isMarked(pid: number, mark: string): boolean {
  const environment = environmentOf(pid)
  if (environment?.[markVariable] !== mark || environment['TMUX'] !== undefined) return false
  return !(read(`/proc/${pid}/comm`) ?? '').startsWith('tmux')
}

function environmentOf(pid: number): Record<string, string> | null {
  const text = read(`/proc/${pid}/environ`)
  if (!text) return null
  return Object.fromEntries(
    text.split('\0').map((entry): [string, string] => {
      const cut = entry.indexOf('=')
      return [entry.slice(0, Math.max(0, cut)), entry.slice(cut + 1)]
    }),
  )
}

function statOf(pid: number): Seen | null {
  const fields = statFields(pid)
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return null
  return { pid, group: Number(fields[2]), session: Number(fields[3]) }
}

/** Those behind the name, which may hold anything: state, parent, group, session, … */
function statFields(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`) ?? ''
  return text.split(' ').filter(Boolean).map(Number)
}

function residentBytes(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')
  return Number(found?.[1] ?? 0) * 1_024
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** null: it is gone, or somebody else's. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
