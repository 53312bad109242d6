import { link, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../core/clock.ts'
import type { DecisionFate, HookMessageOf, PermissionDecision } from '../core/hook.ts'
import { decisionLine } from './answer.ts'
import type { HookPaths } from './paths.ts'

/** A hook waits for half a second, counted from its message (`hook.sh`). */
export const hookWaitsMs = 500

/**
 * Puts the answer where the waiting hook looks for it. The hook makes an empty file of that name when it leaves,
 * so that of both exactly one is first; a second answer to the same request changes nothing.
 */
export async function answerRequest(
  { decisions }: HookPaths,
  request: HookMessageOf<'permission_asked'>,
  decision: PermissionDecision | null,
  now: EpochMs,
): Promise<DecisionFate> {
  if (!request.decidable) return 'too_late'
  const answer = join(decisions, request.id)
  // Killed while it waited, a hook leaves no such file.
  if (now - request.at > hookWaitsMs) return (await isAnswered(answer)) ? 'given' : 'too_late'
  const draft = `${answer}.${process.pid}.new`
  try {
    await writeFile(draft, `${decision ? decisionLine(decision) : ''}\n`, { mode: 0o600 })
    await link(draft, answer)
    return 'given'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await isAnswered(answer)) ? 'given' : 'too_late'
  } finally {
    await rm(draft, { force: true })
  }
}

/** Ours holds at least a line break; the hook's is empty. */
async function isAnswered(answer: string): Promise<boolean> {
  const found = await stat(answer).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return (found?.size ?? 0) > 0
}
