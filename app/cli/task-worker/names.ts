import { programPath } from '../../core/paths.ts'

/** The task worker's name in locks, logs and sentences. */
export const taskWorkerName = 'task-worker'

export const taskWorkerProgram = programPath('workers/task-worker')
