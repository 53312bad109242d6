import { killMarked, marksAround, startOf } from './processes.ts'

/**
 * Ends programs of workers that are gone, whoever they worked for: a mark says which process its worker was. Returns
 * how many.
 */
export function endOrphans(): number {
  const dead = marksAround().filter((mark) => !isWorkerAlive(mark))
  return dead.reduce((sum, mark) => sum + killMarked(mark), 0)
}

/** A mark begins with the worker's process and when that started. One that says something else is not ours. */
function isWorkerAlive(mark: string): boolean {
  const found = /^(\d+)-(\d+):/.exec(mark)
  return !found || startOf(Number(found[1])) === found[2]
}
