import { expect, test } from 'vitest'
import { systemClock } from '../../app/core/clock.ts'
import { AppError } from '../../app/core/errors.ts'
import { waitFor } from '../../app/testing/wait-for.ts'
import type { TaskDesk } from './desk.ts'
import { TaskWorker } from './worker.ts'

test('a worker that is forgotten, and refused when it comes again, ends and says why', async () => {
  const { work } = start(new AppError('unauthorized', 'The token was taken away.'))

  await expect(work).rejects.toMatchObject({ code: 'unauthorized', message: 'The token was taken away.' })
})

test('a worker that is forgotten, and whose coming again fails, tries on until it is told to end', async () => {
  const { work, said, stop } = start(new Error('a fault there'))
  await waitFor(async () => said.length >= 4, 'tries of claim and heartbeat')

  stop()

  await work
  expect(new Set(said)).toEqual(new Set(['the worker is not registered: a fault there']))
})

function start(refusal: Error) {
  const said: string[] = []
  const stopping = new AbortController()
  const worker = new TaskWorker({
    desk: forgetfulDesk(refusal),
    clock: systemClock,
    log: { info() {}, warn: (_data, message) => void said.push(message) },
    progress() {},
    name: 'tester',
    node: 'here',
    version: '1',
    concurrency: 1,
    dataDir: '/nowhere',
    handlers: [],
    problems: [],
  })
  return { work: worker.run(stopping.signal), said, stop: () => stopping.abort() }
}

/** Knows the worker once, and never again. */
function forgetfulDesk(refusal: Error): TaskDesk {
  let registered = 0
  const forgotten = () => Promise.reject(new AppError('not_found', 'There is no such worker.'))
  return {
    lookEveryMs: 20,
    async register() {
      registered += 1
      if (registered > 1) throw refusal
      return 1
    },
    claim: forgotten,
    beat: forgotten,
    runs: forgotten,
    complete: forgotten,
    fail: forgotten,
    addLog: forgotten,
    secrets: forgotten,
    leave: async () => undefined,
    onNews: () => () => undefined,
  }
}
