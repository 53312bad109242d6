import type { DeliveryProfile } from '../../core/agent.ts'
import { textOf, type Attempt, type GitState } from '../../core/attempt.ts'
import { isAppError, isSilence } from '../../core/errors.ts'
import type { Fleet } from '../../core/fleet.ts'
import type { PaneRef } from '../../core/host.ts'
import type { Prompt } from '../../core/prompt.ts'
import { PaneLease } from '../pane-lease.ts'
import type { Tools } from '../tools.ts'
import { openAttemptLog, type AttemptLog } from './log.ts'
import { recordStep } from './record.ts'

/** A claimed prompt and the attempt that its claim began. */
export interface Work {
  prompt: Prompt
  attempt: Attempt
  pane: PaneRef
}

/** One attempt under way: its story so far and the tools to go on. */
export interface Story extends Work {
  tools: Tools
  fleet: Fleet
  profile: DeliveryProfile
  log: AttemptLog
  /** The folder that the agent worked in when the prompt was claimed. */
  cwd: string
  /** The checkout as it was before; null outside of one, or when another process of ours began the attempt. */
  gitBefore: Promise<GitState | null>
  /** Called once when the session is free for other prompts, whatever becomes of this one. */
  free(): void
}

export function openStory(tools: Tools, fleet: Fleet, work: Work, free: () => void): Story {
  const { attempt, prompt } = work
  const log = openAttemptLog(
    tools.dataDir,
    tools.clock,
    { promptId: prompt.id, number: attempt.number },
    (error) => tools.log.error({ err: error, prompt: prompt.id }, 'an attempt log could not be written'),
  )
  const cwd = fleet.get(attempt.sessionKey)?.reading.cwd ?? ''
  return {
    ...work,
    tools,
    fleet,
    profile: tools.reader.profileOf(attempt.agent),
    log,
    cwd,
    gitBefore: gitBeforeOf(work, tools, cwd),
    free,
  }
}

/** Read while the prompt is delivered: a fault of it is met by whoever awaits it, and until then by nobody. */
function gitBeforeOf({ attempt }: Work, { checkouts }: Tools, cwd: string): Promise<GitState | null> {
  if (attempt.phase !== 'claimed' || cwd === '') return Promise.resolve(attempt.gitBefore)
  const state = checkouts.stateOf(cwd)
  state.catch(() => undefined)
  return state
}

/** A line of the attempt's log, with the screen of that moment where the pane still has one. */
export async function logScreen(story: Story, says: string): Promise<void> {
  const look = await lookOrNull(story)
  story.log.line(says)
  if (look) story.log.screen(look)
}

export async function lookOrNull({ tools, pane }: Story) {
  try {
    return await tools.host.look(pane)
  } catch (error) {
    if (isAppError(error, 'not_found') || isSilence(error)) return null
    throw error
  }
}

/** What `deliver` has to know of this attempt. */
export function deliveryOf(story: Story) {
  const { tools, attempt, prompt, pane, profile, log } = story
  return {
    pane,
    text: textOf(prompt, attempt),
    token: attempt.token,
    generation: attempt.generation,
    profile,
    agentCommand: isAgentCommand(story),
    lease: new PaneLease(tools, pane),
    since: attempt.claimedAt,
    phase: attempt.phase === 'typed' || attempt.phase === 'entered' ? attempt.phase : ('claimed' as const),
    onStep: async (step: 'typed' | 'entered', enters: number, look: Parameters<AttemptLog['screen']>[0]) => {
      log.line(step === 'typed' ? 'pasted' : `pressed Enter (${enters})`)
      log.screen(look)
      await recordStep(story, step, enters)
    },
    onWait: (because: string) => log.line(`waits: ${because}`),
  }
}

/** What goes on after a command of the agent's own is said in words. */
export function isAgentCommand({ prompt, attempt }: Story): boolean {
  return prompt.agentCommand && attempt.text === null
}
