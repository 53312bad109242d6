import type { EpochMs } from './clock.ts'
import type { TaskType } from './task.ts'

/** A worker without a sign of life for so long is taken for dead; its runs are when their leases end. In ms. */
export const workerGraceMs = 30_000

/** A process that works on tasks, here or on another machine. */
export interface Worker {
  /** New with every registration: two of the same name are two. */
  id: number
  name: string
  node: string
  pid: number | null
  version: string
  concurrency: number
  types: string[]
  /** Types that nobody else describes: of handlers of its own. */
  ownTypes: TaskType[]
  /** Handlers that it could not load, and why. */
  problems: string[]
  /** Begins with this, so that a lease tells whose it is. */
  startedAt: EpochMs
  heartbeatAt: EpochMs
  /** null while it works. */
  endedAt: EpochMs | null
  completed: number
  failed: number
}

export interface NewWorker {
  name: string
  node: string
  pid: number | null
  version: string
  concurrency: number
  types: string[]
  ownTypes: TaskType[]
  problems: string[]
}

/** Whose leases a worker's are. */
export function leaseOwnerOf({ id, name }: { id: number; name: string }): string {
  return `worker ${id} (${name})`
}
