import { programPath } from '../../core/paths.ts'

/** The worker's name in locks, logs and sentences. */
export const milestoneWorkerName = 'milestone-worker'

export const milestoneProgram = programPath('workers/milestone-worker')
