import { expect, test } from 'vitest'
import { fakeLink } from '../../app/testing/fake-link.ts'
import { NodeTime } from './node-time.ts'

const hourMs = 3_600_000

test('a clock that is set an hour ahead is noticed by what the node says next', async () => {
  const { time, link, pass, setAhead } = await learnt()
  setAhead(hourMs)
  pass(1_000)
  const asked = time.now

  await time.keepUp(link, time.now + hourMs, asked)

  expect(time.ours(time.now + hourMs)).toBe(time.now)
})

test('a clock that is right is asked no more', async () => {
  const { time, link, asks, pass } = await learnt()
  const asked = time.now
  pass(1_500)

  await time.keepUp(link, asked + 20, asked)

  expect(asks()).toBe(3)
})

test.each([
  ['ahead', hourMs],
  ['back', -hourMs],
])(
  'what was written before the clock was set an hour %s is found since its beginning',
  async (_how, byMs) => {
    const { time, link, pass, setAhead } = await learnt()
    const since = time.now
    const written = [since + 1_000]
    pass(2_000)
    setAhead(byMs)
    await time.keepUp(link, time.now + byMs, time.now)
    written.push(time.now + byMs)

    const from = time.theirs(since)

    expect(written.every((at) => at >= from)).toBe(true)
    expect(time.theirs(time.now + 1)).toBe(time.now + 1 + byMs)
  },
)

async function learnt() {
  let now = 100 * hourMs
  let aheadMs = 0
  let asked = 0
  const link = fakeLink('pi', {
    time: async () => {
      asked += 1
      return now + aheadMs
    },
  })
  const time = new NodeTime({ now: () => now, sleep: async () => undefined })
  await time.learn(link)
  return {
    time,
    link,
    asks: () => asked,
    pass: (ms: number) => (now += ms),
    setAhead: (ms: number) => (aheadMs = ms),
  }
}
