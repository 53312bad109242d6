/** Everything about the attempts' rows; each file holds one part of their life. */
export { type AttemptFields } from './attempt/change.ts'
export { renewLeases, takeOverAttempts } from './attempt/lease.ts'
export { endAttempt, noteAttempt, recordPhase } from './attempt/progress.ts'
export { attemptsOf, lastAttempt, liveAttempts } from './attempt/read.ts'
export { startAttempt } from './attempt/start.ts'
