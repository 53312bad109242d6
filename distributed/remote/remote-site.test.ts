import { expect, test } from 'vitest'
import { systemClock } from '../../app/core/clock.ts'
import type { HookMessage } from '../../app/core/hook.ts'
import { fakeLink, type FakeLink } from '../../app/testing/fake-link.ts'
import { liveSession } from '../../app/testing/live-session.ts'
import { openRemoteSite } from './remote-site.ts'

const busy = liveSession('pi/default/%1', { since: 2_000 })
const idle = liveSession('pi/default/%1', { since: 1_000 })

test('what was told before a cut is not taken behind what the node tells after it', async () => {
  const { link, fleet, tell } = watch()
  const clocks: ((now: number) => void)[] = []
  link.answers.time = () => new Promise((resolve) => clocks.push(resolve))
  link.listeners!.onUp()
  const old = tell([idle])
  link.listeners!.onDown()
  link.answers.time = async () => Date.now()
  link.listeners!.onUp()
  await tell([busy])

  for (const answer of clocks) answer(Date.now())

  await expect(old).rejects.toThrow('pi was cut off before it was heard.')
  expect(fleet.sessions.map(({ since }) => Math.abs(since - 2_000) < 50)).toEqual([true])
})

test('a clock that could not be read is read again with the next news', async () => {
  const { link, fleet, tell } = watch()
  link.answers.time = () => Promise.reject(new Error('the node answered rubbish'))
  link.listeners!.onUp()
  await expect(tell([idle])).rejects.toThrow('the node answered rubbish')
  link.answers.time = async () => Date.now()

  await tell([idle])

  expect(fleet.awaySince).toBeNull()
  expect(fleet.sessions).toHaveLength(1)
})

function watch() {
  const link: FakeLink = fakeLink('pi', { follow: async () => null })
  const site = openRemoteSite(link, systemClock, { profileOf: unasked, dialogKeysOf: unasked })
  const heard: HookMessage[] = []
  void site.hooks.listen(async (message) => void heard.push(message))
  const fleet = site.watch({ onChange() {}, onGone() {} })
  const tell = (changed: (typeof idle)[]) =>
    link.listeners!.onNews({ type: 'sessions', all: true, changed, gone: [], past: [] })
  return { link, fleet, tell, heard }
}

function unasked(): never {
  throw new Error('no rules are asked for here')
}
