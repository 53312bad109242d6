import { setTimeout as realSleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { passTime, SimulatedClock } from './simulated-clock.ts'

const idle = () => false

test('sleepers wake in the order of their moments, and those of one moment in the order of their sleep', async () => {
  const clock = new SimulatedClock(1_000)
  const woken: string[] = []
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms)
    woken.push(`${name} at ${clock.now()}`)
  }
  const all = Promise.all([sleeper('late', 500), sleeper('first', 20), sleeper('second', 20)])

  await passTime(clock, idle, () => woken.length === 3)
  await all

  expect(woken).toEqual(['first at 1020', 'second at 1020', 'late at 1500'])
})

test('a day of a loop that sleeps passes without waiting', async () => {
  const clock = new SimulatedClock(0)
  const day = 24 * 3_600_000
  let turns = 0
  const loop = async () => {
    for (; clock.now() < day; turns += 1) await clock.sleep(60_000)
  }
  const running = loop()

  await passTime(clock, idle, () => clock.now() >= day)
  await running

  expect(turns).toBe(1_440)
})

test('an aborted sleep ends at once, in its own moment, and is forgotten', async () => {
  const clock = new SimulatedClock(0)
  const waking = new AbortController()
  const sleeping = clock.sleep(5_000, waking.signal)

  waking.abort()
  await sleeping

  expect(clock.now()).toBe(0)
  expect(() => clock.advance()).toThrow('Nobody sleeps')
})

test('time stands still while work is under way that does not sleep', async () => {
  const clock = new SimulatedClock(0)
  let isBusy = true
  let endedAt: number | null = null
  const slow = async () => {
    await realSleep(30)
    endedAt = clock.now()
    isBusy = false
  }
  const both = Promise.all([slow(), clock.sleep(10)])

  await passTime(
    clock,
    () => isBusy,
    () => clock.now() >= 10,
  )
  await both

  expect(endedAt).toBe(0)
})

test('what is woken and sleeps again in the same moment is not passed over', async () => {
  const clock = new SimulatedClock(0)
  const moments: number[] = []
  const notified = async () => {
    for (let count = 0; count < 3; count += 1) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      await clock.sleep(10)
      moments.push(clock.now())
    }
  }
  const all = Promise.all([notified(), clock.sleep(100)])

  await passTime(clock, idle, () => clock.now() >= 100)
  await all

  expect(moments).toEqual([10, 20, 30])
})
