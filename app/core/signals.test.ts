import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { endsWithin } from './signals.ts'

/** Throws away what nobody holds. */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('a limit ends as a timeout, however often memory is tidied up meanwhile', async () => {
  using limit = endsWithin(100, new AbortController().signal)

  for (let at = 0; at < 10; at += 1) {
    collect()
    await sleep(20)
  }

  expect(limit.signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('a limit ends earlier with its outer signal, for its reason', () => {
  const outer = new AbortController()
  using limit = endsWithin(60_000, outer.signal)

  outer.abort('stopped')

  expect(limit.signal.reason).toBe('stopped')
})

test('a limit of a signal that is over is over', () => {
  using limit = endsWithin(60_000, AbortSignal.abort('stopped'))

  expect(limit.signal.reason).toBe('stopped')
})

test('one that was disposed of does not end any more', async () => {
  const limit = endsWithin(10)

  limit[Symbol.dispose]()
  await sleep(50)

  expect(limit.signal.aborted).toBe(false)
})
