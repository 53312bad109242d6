import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'

/*
 * Whatever this process puts into a tmux server for a while (its own session, a buffer on its way) carries the
 * process's id and start time in its name, so that a later process knows the leftovers of a dead one.
 */

const pattern = /^_architect-(\d+)-(\d+)-[0-9a-f]+$/

/** A new name that says who made it. */
export function ownName(): string {
  return `_architect-${process.pid}-${startOf(process.pid) ?? 0}-${randomBytes(5).toString('hex')}`
}

/** The name of something that any process of this project made. */
export function isOurs(name: string): boolean {
  return pattern.test(name)
}

/** This process has no more use for this name, although tmux may still have it. */
export function abandon(name: string): void {
  abandoned.add(name)
}

const abandoned = new Set<string>()

/** The maker of this name has died, or has abandoned it. */
export function isLeftover(name: string): boolean {
  const owner = pattern.exec(name)
  if (!owner) return false
  if (abandoned.has(name)) return true
  const start = startOf(Number(owner[1]))
  if (start === null) return !isRunning(Number(owner[1]))
  return String(start) !== owner[2]
}

/** Start time of a process in clock ticks since boot; null when it is gone, or where there is no /proc. */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return null // the process is gone: that is the answer
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
