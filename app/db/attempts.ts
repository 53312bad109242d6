/** Everything about the attempts' rows; each file holds one part of their life. */
export { type AttemptFields, type HeldAttempt } from './attempt/change.ts'
export { renewLeases, takeOverAttempts, type Lease } from './attempt/lease.ts'
export { endAttempt, noteAttempt, recordPhase } from './attempt/progress.ts'
export { attemptsOf, lastAttempt, liveAttempts } from './attempt/read.ts'
export { startAttempt } from './attempt/start.ts'
