import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { AwayError } from '../../core/errors.ts'
import type { Fleet, LiveSession } from '../../core/fleet.ts'
import type { Prompt } from '../../core/prompt.ts'
import { liveSession } from '../../testing/live-session.ts'
import type { Tools } from '../tools.ts'
import { followTurn, type Following } from './follow.ts'

const key = 'pi/default/%1'
const submittedAt = Date.now() - 8_000
const text = 'say hello'

/** As the node told of it before Enter: nothing came since. */
const told = sessionAt(submittedAt - 500, text)

test('what a node told before Enter is no end of the turn while its link is dead', async () => {
  const followed = follow(async () => {
    throw new AwayError("pi can't be heard.")
  })

  await expect(followed).rejects.toBeInstanceOf(AwayError)
})

test('a turn that was quiet all the time ends by a look of now', async () => {
  const { step } = await follow(async () => sessionAt(Date.now(), ''))

  expect(step).toEqual({ do: 'end', outcome: 'completed', because: null })
})

test('a prompt that was given back is seen by a look of now', async () => {
  const { step } = await follow(async () => sessionAt(Date.now(), text))

  expect(step).toMatchObject({ outcome: 'interrupted' })
})

function follow(look: () => Promise<LiveSession>) {
  let session = told
  const fleet = {
    awaySince: null,
    get: () => session,
    next: async () => session,
    async refresh() {
      session = await look()
      return session
    },
  } as unknown as Fleet
  const tools = { clock: systemClock, host: { node: 'pi' } } as unknown as Tools
  const turn: Following = {
    sessionKey: key,
    generation: told.reading.generation!,
    text,
    since: submittedAt,
    submittedAt,
    beganAt: submittedAt,
    timeoutMs: 60_000,
    pausedMs: 0,
    profile: { pastedPattern: null, interrupt: [] } as unknown as Following['profile'],
    agentCommand: false,
    reload: async () => ({ state: 'in_progress', interruptRequestedAt: null }) as Prompt,
    onLimited: async () => undefined,
    onPaused: async () => undefined,
    onStill: async () => undefined,
  }
  return followTurn(tools, fleet, turn, new AbortController().signal)
}

function sessionAt(at: number, composer: string): LiveSession {
  const session = liveSession(key, { at, quietSince: submittedAt - 60_000 })
  const drawn = { text: composer, pasted: false, firstRow: 1, lastRow: 1 }
  return { ...session, reading: { ...session.reading, composer: drawn } }
}
