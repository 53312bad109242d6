import { expect, test } from 'vitest'
import { emptySample } from '../../app/testing/empty-sample.ts'
import { KeptSamples, mostKeptSamples } from './kept-samples.ts'

test('a sample keeps its age, however the clock of its machine is set meanwhile', () => {
  const { kept, pass } = keep()
  kept.add(emptySample(5_000_000))
  pass(60_000)
  kept.add(emptySample(1_000))
  pass(1_000)

  const { samples } = kept.oldest(10)

  expect(samples.map(({ age }) => age)).toEqual([61_000, 1_000])
})

test('only what arrived is forgotten, also when old ones went meanwhile', () => {
  const { kept } = keep()
  for (let at = 0; at < mostKeptSamples; at += 1) kept.add(emptySample(at))
  const { samples, forget } = kept.oldest(3)

  kept.add(emptySample(mostKeptSamples))
  forget()

  expect(samples.map(({ at }) => at)).toEqual([0, 1, 2])
  expect(kept.oldest(2).samples.map(({ at }) => at)).toEqual([4, 6])
})

test('a cut of any length keeps its whole course in so many, the newest all', () => {
  const { kept } = keep()

  for (let at = 0; at < 10 * mostKeptSamples; at += 1) kept.add(emptySample(at))

  const ats = kept.oldest(mostKeptSamples).samples.map(({ at }) => at)
  expect(kept.size).toBeLessThanOrEqual(mostKeptSamples)
  expect(ats[0]).toBe(0)
  expect(ats.slice(-100)).toEqual(Array.from({ length: 100 }, (_, at) => 10 * mostKeptSamples - 100 + at))
})

function keep() {
  let now = 0
  return { kept: new KeptSamples(() => now), pass: (ms: number) => (now += ms) }
}
