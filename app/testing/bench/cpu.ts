import { readFileSync } from 'node:fs'
import { ProcessTable } from '../../agents/process-table.ts'
import type { TmuxFixture } from '../tmux.ts'

/** Linux reports CPU time in hundredths of a second to user space on every architecture (USER_HZ). */
const msPerTick = 10

/** CPU time in ms, user and system, of a process alone: for a tmux server, whose children are the agents. */
export function cpuMsOf(pid: number): number {
  const [user, system] = ticksOf(pid)
  return (user + system) * msPerTick
}

/** …of a process, its ended children, and its living ones with theirs. */
export function cpuMsOfFamily(pid: number): number {
  const own = ticksOf(pid).reduce((sum, ticks) => sum + ticks, 0) * msPerTick
  return table.children(pid).reduce((sum, child) => sum + cpuMsOfChild(child), own)
}

/** One that ends at this moment counts among the ended ones the next time. */
function cpuMsOfChild(pid: number): number {
  try {
    return cpuMsOfFamily(pid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

export async function serverPid(server: TmuxFixture): Promise<number> {
  return Number(await server.run('display-message', '-p', '#{pid}'))
}

const table = new ProcessTable()

/** User and system time, then the same of the children that ended. */
function ticksOf(pid: number): [number, number, number, number] {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return [Number(fields[11]), Number(fields[12]), Number(fields[13]), Number(fields[14])]
}
