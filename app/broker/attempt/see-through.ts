import { textOf } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import { noteAttempt } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import { deliver } from '../delivery/deliver.ts'
import { emptyBox } from '../delivery/take-back.ts'
import { PaneLease } from '../pane-lease.ts'
import { followTurn, type Followed } from '../turn/follow.ts'
import { recordEnd } from './record.ts'
import { deliveryOf, isAgentCommand, logScreen, lookOrNull, type Story } from './story.ts'

/** From submission to the end of the turn, over usage limits. */
export async function seeThrough(story: Story, signal: AbortSignal): Promise<void> {
  const { tools, prompt, attempt, profile } = story
  await noteGitBefore(story)
  const began = attempt.submittedAt ?? attempt.claimedAt
  let said = { text: textOf(prompt, attempt), since: attempt.claimedAt, beganAt: began }
  let resumed = await resumptionsOf(story)
  if (resumed > 0) {
    // An earlier process was about to say "go on": that is taken to its end before anything else.
    said = { text: profile.resumeText, since: began, beganAt: began }
    await sayGoOn(story, said, resumed, signal)
  }
  for (;;) {
    const followed = await follow(story, said, signal)
    if (followed.step.do === 'overtaken') return
    story.attempt = { ...story.attempt, pausedMs: followed.pausedMs }
    if (followed.step.do === 'end') {
      await logScreen(story, 'the turn ended')
      if (followed.step.outcome === 'interrupted') await clearAfterInterrupt(story, signal)
      return recordEnd(story, followed.step, followed)
    }
    resumed += 1
    await closeLimitDialog(story, followed, signal)
    const now = tools.clock.now()
    said = { text: profile.resumeText, since: now, beganAt: now }
    await sayGoOn(story, said, resumed, signal)
  }
}

/** What we were asked to stop must not stay behind in the box; what a person stopped there is theirs. */
async function clearAfterInterrupt(story: Story, signal: AbortSignal): Promise<void> {
  const { interruptRequestedAt } = await getPrompt(story.tools.database.kysely, story.prompt.id)
  if (interruptRequestedAt === null) return
  const box = await emptyBox(story.tools, deliveryOf(story), signal)
  if (box !== 'nothing') story.log.line(`the prompt was back in the box: ${box}`)
}

async function noteGitBefore(story: Story) {
  const { tools, attempt } = story
  const gitBefore = await story.gitBefore
  if (gitBefore && attempt.gitBefore === null) {
    await tools.database.write((db) => noteAttempt(db, attempt, { gitBefore }))
  }
}

/** How often the agent was told to go on in this attempt, by the pane's marker. */
async function resumptionsOf(story: Story): Promise<number> {
  const look = await lookOrNull(story)
  const [, count = '0'] = new RegExp(`\\.${story.attempt.token}r(\\d+)\\.`).exec(look?.marker ?? '') ?? []
  return Number(count)
}

/** What a dialog leaves behind is drawn within this. */
const drawnWithinMs = 1_000
/** Screens of standing still that one turn's log keeps: each is some kB, and an agent may ask all day. */
const mostStills = 30

/** A text that was said to the agent in this attempt, and since when its turn can be seen. */
interface Said {
  text: string
  since: EpochMs
  beganAt: EpochMs
}

function follow(story: Story, said: Said, signal: AbortSignal): Promise<Followed> {
  const { tools, fleet, attempt, prompt, profile, log } = story
  let stills = 0
  return followTurn(
    tools,
    fleet,
    {
      ...said,
      sessionKey: attempt.sessionKey,
      generation: attempt.generation,
      submittedAt: attempt.submittedAt ?? attempt.claimedAt,
      timeoutMs: prompt.timeoutMinutes * 60_000,
      pausedMs: attempt.pausedMs,
      profile,
      agentCommand: isAgentCommand(story),
      reload: () => getPrompt(tools.database.kysely, prompt.id),
      onLimited: async (until) => log.line(`held by a usage limit until ${new Date(until).toISOString()}`),
      onStill: async (state) => {
        stills += 1
        if (stills <= mostStills) await logScreen(story, `stands still: ${state}`)
      },
      onPaused: async (pausedMs) => {
        await tools.database.write((db) => noteAttempt(db, attempt, { pausedMs }))
      },
    },
    signal,
  )
}

/** What an agent shows instead of its box while a limit holds; left without choosing anything. */
async function closeLimitDialog(story: Story, { session }: Followed, signal: AbortSignal): Promise<void> {
  const { tools, profile, attempt } = story
  if (!session || session.reading.acceptsPrompt || profile.dismissLimit.length === 0) return
  if ((await new PaneLease(tools, session.pane).hold()) === null) return
  const look = await tools.host.look(session.pane)
  // By now it may work again, and the same keys would stop it.
  if (tools.reader.read(look).state !== 'limited') return
  await tools.host.press(look, profile.dismissLimit, look.marker)
  await story.fleet.next(attempt.sessionKey, drawnWithinMs, signal)
}

/** The limit is over and the agent sits there: it is told to go on. */
async function sayGoOn(
  story: Story,
  { text, since }: Said,
  resumed: number,
  signal: AbortSignal,
): Promise<void> {
  const { tools, attempt, log } = story
  log.line('the usage limit is over; the agent is told to go on')
  const delivered = await deliver(
    tools,
    {
      ...deliveryOf(story),
      text,
      token: `${attempt.token}r${resumed}`,
      since,
      phase: 'claimed',
      agentCommand: false,
      onStep: async (step) => log.line(`${step} "${text}"`),
    },
    signal,
  )
  log.line(`${delivered.verdict}: ${delivered.because}`)
}
