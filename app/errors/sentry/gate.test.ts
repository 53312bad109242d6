import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

test('few work at once, the others in their order, and whoever finds no room is told to come again', async () => {
  const gate = new Gate({ atOnce: 2, waiting: 3, waitingBytes: 1_000 })
  const done: number[] = []
  let inside = 0
  let most = 0
  const work = (n: number) => async () => {
    inside += 1
    most = Math.max(most, inside)
    await pause(5)
    inside -= 1
    done.push(n)
  }

  const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => gate.pass(10, work(n))))
  await gate.pass(10, work(7))

  expect(most).toBe(2)
  expect(done).toEqual([1, 2, 3, 4, 5, 7])
  expect(results[5]).toMatchObject({ status: 'rejected', reason: { code: 'limited', retryAfterMs: 2_000 } })
})

test('bytes that wait have a limit, too', async () => {
  const gate = new Gate({ atOnce: 1, waiting: 10, waitingBytes: 100 })

  const results = await Promise.allSettled([60, 60, 60].map((bytes) => gate.pass(bytes, () => pause(2))))

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
})

test('one that fails makes room like any other', async () => {
  const gate = new Gate({ atOnce: 1, waiting: 0, waitingBytes: 0 })

  await gate.pass(1, () => Promise.reject(new Error('broken'))).catch(() => undefined)

  expect(await gate.pass(1, () => Promise.resolve('through'))).toBe('through')
})
