import { describe, expect, test } from 'vitest'
import { loadLibrary } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import type { SessionHost } from '../../core/host.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import { FakeQuestion, type QuestionWish } from '../../testing/fake-question.ts'
import { passTime, SimulatedClock } from '../../testing/simulated-clock.ts'
import { give } from './give.ts'
import type { Given } from './verdict.ts'

const pane = { server: 'default', paneId: '%0' }
const labels = ['Lint', 'Tests', 'Bench']

function openWorld(wish: Partial<QuestionWish> = {}) {
  const clock = new SimulatedClock(1_000_000)
  const asked = new FakeQuestion({ clock, labels, boxes: true, lagMs: () => 0, ...wish })
  const host = asked.host as unknown as SessionHost
  const process = { kind: 'claude', pid: 1, startedAt: 1, cwd: '/', home: null, argv: [], env: {} }
  const reader = createReader(loadLibrary(), { finder: { find: () => process as never } })
  let answers = 0
  /** Gives one answer to its end; null: the process that gave it was killed at its `calls`th call of tmux. */
  async function answer(wanted: InteractionAnswer, calls = Infinity): Promise<Given | null> {
    const seen = await host.look(pane)
    const reading = reader.read(seen)
    const { digest } = reader.readDialog(seen, reading)!
    answers += 1
    const token = `t${answers}`
    const dying = dyingAfter(host, calls)
    const giving = { pane, generation: reading.generation!, digest, answer: wanted, token, byRule: false }
    const outcome = { given: null as Given | null }
    async function run() {
      const tools = { host: dying.host, reader, clock }
      const { signal } = new AbortController()
      outcome.given = await give(tools, { ...giving, hold: async () => true }, signal)
    }
    void run()
    await passTime(
      clock,
      () => false,
      () => outcome.given !== null || dying.isDead(),
    )
    return outcome.given
  }
  return { asked, answer, clock }
}

/** The host of a process that is killed when it has called so often: right after tmux heard of it. */
function dyingAfter(host: SessionHost, calls: number) {
  let left = calls
  const through =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      left -= 1
      if (left < 0) return new Promise<never>(() => undefined)
      const result = await call(...args)
      return left === 0 ? new Promise<never>(() => undefined) : result
    }
  const own: Partial<SessionHost> = {
    look: through((...args: Parameters<SessionHost['look']>) => host.look(...args)),
    press: through((...args: Parameters<SessionHost['press']>) => host.press(...args)),
    paste: through((...args: Parameters<SessionHost['paste']>) => host.paste(...args)),
  }
  return { host: { ...host, ...own } as SessionHost, isDead: () => left <= 0 }
}

function ticks(...boxes: number[]): InteractionAnswer {
  return { meaning: 'answer', option: null, text: null, boxes }
}

function countOf(taken: string[], key: string): number {
  return taken.filter((each) => each === key).length
}

describe('a question with boxes', () => {
  test('is answered by its boxes: what is missing is ticked, what is too much unticked, the rest untouched', async () => {
    const { asked, answer } = openWorld()
    asked.press('1', '2')

    const given = await answer(ticks(0, 2))

    expect(given?.how).toBe('given')
    expect(asked.told).toEqual(['Lint', 'Bench'])
    expect(asked.taken.slice(2)).toEqual(['2', '3', 'Tab'])
  })

  test.each([0, 1, 2, 3, 4, 5])(
    'is answered wherever a person left the selection (place %i)',
    async (place) => {
      const { asked, answer } = openWorld()
      asked.press(...Array<string>(place).fill('Down'))

      await answer(ticks(1))

      expect(asked.told).toEqual(['Tests'])
    },
  )

  test('takes words beside its boxes, and nothing else of what is typed', async () => {
    const { asked, answer } = openWorld({ lagMs: () => 300 })

    const given = await answer({ ...ticks(1, 3), text: '2 of everything' })

    expect(given?.how).toBe('given')
    expect(asked.told).toEqual(['Tests', '2 of everything'])
  })

  test("does not merge its words with somebody's", async () => {
    const { asked, answer } = openWorld()
    asked.press('Down', 'Down', 'Down', '7')

    const given = await answer({ ...ticks(3), text: 'a profiler' })

    expect(given).toMatchObject({ how: 'never', because: expect.stringMatching(/other words/) })
    expect(asked).toMatchObject({ told: null, words: '7' })
  })

  test.each([0, 30, 100, 700, 1_500])('that takes its keys %i ms late gets each key once', async (lagMs) => {
    const { asked, answer } = openWorld({ lagMs: () => lagMs })

    const given = await answer(ticks(0, 1, 2))

    expect(given?.how).toBe('given')
    expect(asked.taken).toEqual(['1', '2', '3', 'Tab'])
  })

  test('that never shows a tick is left in doubt after one key, and not sent', async () => {
    const { asked, answer } = openWorld({ lagMs: () => 60_000 })

    const given = await answer(ticks(0))

    expect(given).toEqual({
      how: 'unknown',
      because: 'the key of box 1 was pressed, and the box does not show it',
    })
    expect(asked.taken).toEqual([])
  })

  test('that a person unticks meanwhile is not ticked again behind their back', async () => {
    const { asked, answer, clock } = openWorld({ lagMs: () => 100 })
    const given = answer(ticks(0, 1))
    await clock.sleep(400)
    asked.press('1')

    expect((await given)?.how).toBe('unknown')
    expect(countOf(asked.taken, '1')).toBe(2)
    expect(asked.told).toBeNull()
  })

  test.each([
    { person: 'ticks', ticked: false, wanted: [0], told: ['Lint'] },
    { person: 'unticks', ticked: true, wanted: [1], told: ['Tests'] },
  ])('whose box a person $person between the look and the key gets no key for it', async (the) => {
    const { asked, answer } = openWorld()
    if (the.ticked) asked.press('1')
    asked.beforeKey = () => asked.press('1')

    await answer(ticks(...the.wanted))

    expect(asked.told).toEqual(the.told)
    expect(countOf(asked.taken, '1')).toBe(the.ticked ? 2 : 1)
  })

  test('is answered as wanted by the second process when the first is killed at any call of tmux', async () => {
    const ends: unknown[] = []
    for (let calls = 1; calls <= 24; calls += 1) {
      const { asked, answer, clock } = openWorld({ lagMs: () => 80 })
      asked.press('3')
      const first = await answer(ticks(0, 1), calls)
      // A decision of a process that died is taken up after its lease.
      await passUntil(clock, 20_000)
      await asked.host.look(pane)
      if (asked.told === null) await answer(ticks(0, 1))
      ends.push([first?.how ?? 'killed', asked.told, countOf(asked.taken, '1'), countOf(asked.taken, 'Tab')])
    }

    expect(ends.slice(0, 5)).toContainEqual(['killed', ['Lint', 'Tests'], 1, 1])
    for (const end of ends) expect(end).toEqual([expect.any(String), ['Lint', 'Tests'], 1, 1])
  })
})

test('a key that tmux has not said it pressed before it fell silent is in doubt', async () => {
  const { asked, answer } = openWorld({ boxes: false })
  asked.fallSilentAtKey = true

  const given = await answer({ meaning: 'answer', option: 1, text: null })

  expect(given).toMatchObject({ how: 'unknown', because: expect.stringMatching(/has not said whether/) })
})

describe('a question without boxes, answered in words', () => {
  test.each([0, 30, 100, 700])('takes them on the right row although keys are %i ms late', async (lagMs) => {
    const { asked, answer } = openWorld({ boxes: false, lagMs: () => lagMs })

    const given = await answer({ meaning: 'answer', option: 3, text: 'none of them' })

    expect(given?.how).toBe('given')
    expect(asked.told).toEqual(['none of them'])
    expect(countOf(asked.taken, 'Down')).toBe(3)
  })

  test('takes an option although the row for words was selected, where a digit would be text', async () => {
    const { asked, answer } = openWorld({ boxes: false })
    asked.press('Down', 'Down', 'Down')

    await answer({ meaning: 'answer', option: 1, text: null })

    expect(asked.told).toEqual(['Tests'])
  })
})

async function passUntil(clock: SimulatedClock, ms: number) {
  const until = clock.now() + ms
  void clock.sleep(ms)
  await passTime(
    clock,
    () => false,
    () => clock.now() >= until,
  )
}
