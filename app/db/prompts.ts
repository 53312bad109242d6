/** Everything about the prompts' rows but the claim (`claims.ts`); each file holds one part of their life. */
export { advancePrompt, requestInterrupt, type PromptChanges } from './prompt/advance.ts'
export { clearPrompts } from './prompt/clear.ts'
export { editPrompt } from './prompt/edit.ts'
export { childrenOf, openChildIds } from './prompt/children.ts'
export { expirePrompts, noteWaiting, wakeHeldPrompts } from './prompt/hold.ts'
export { getPrompt, listPrompts, promptCounts, queueOf } from './prompt/read.ts'
export { submitPrompt } from './prompt/submit.ts'
export { isAnyPromptDue, isAnyPromptWaiting } from './prompt/due.ts'
