import { expect, test } from 'vitest'
import type { Screen } from '../core/agent.ts'
import type { Clock } from '../core/clock.ts'
import { DriftWatch, driftLastsMs } from './drift.ts'
import type { DriftObservation, DriftVerdict } from './drift.ts'

const screen: Screen = {
  rows: ['?'],
  title: '',
  command: 'claude',
  width: 80,
  height: 24,
  cursor: { x: 0, y: 0, visible: true },
  alternate: false,
  dead: false,
}
const look: DriftObservation = {
  kind: 'claude',
  version: '3.0.0',
  pane: 'default/%1',
  known: true,
  state: 'idle',
  contradictedBy: null,
  screen,
}

function watch() {
  let now = 1000
  const captures: DriftVerdict[] = []
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
  const drift = new DriftWatch({
    clock,
    recorded: () => ['2.1.329', '1.0.128'],
    capture: (verdict) => void captures.push(verdict),
  })
  return { drift, captures, wait: (ms: number) => void (now += ms) }
}

test('a newer release whose screens are known is trusted', () => {
  const { drift, captures, wait } = watch()

  for (let i = 0; i < 10; i++) {
    expect(drift.observe(look)).toBeNull()
    wait(1000)
  }

  expect(captures).toEqual([])
})

test('an unknown screen that lasts makes an unrecorded release untrusted, and its screen is kept once', () => {
  const { drift, captures, wait } = watch()

  const atOnce = drift.observe({ ...look, known: false })
  wait(driftLastsMs)
  const later = drift.observe({ ...look, known: false })
  const other = drift.observe({ ...look, pane: 'default/%2' })

  expect(atOnce).toBeNull()
  expect(later?.reason).toMatch(/claude 3\.0\.0 draws a screen that no rule knows.*2\.1\.329/)
  expect(other).toBe(later)
  expect(captures).toEqual([later])
  expect(drift.untrusted('claude', '2.1.329')).toBeNull()
})

test('a moment of half a screen, or two panes taking turns, is no drift', () => {
  const { drift, wait } = watch()

  drift.observe({ ...look, known: false })
  wait(driftLastsMs - 1)
  drift.observe(look)
  wait(driftLastsMs)
  const again = drift.observe({ ...look, known: false })
  const elsewhere = drift.observe({ ...look, known: false, pane: 'default/%2' })

  expect([again, elsewhere]).toEqual([null, null])
})

test('an unknown panel of a recorded release is only an unknown panel', () => {
  const { drift, wait } = watch()

  drift.observe({ ...look, version: '2.1.329', known: false })
  wait(driftLastsMs * 10)

  expect(drift.observe({ ...look, version: '2.1.329', known: false })).toBeNull()
})

test('a screen that looks free while the status file says busy makes even a recorded release untrusted', () => {
  const { drift, wait } = watch()
  const free = {
    ...look,
    version: '2.1.329',
    contradictedBy: { source: 'status file', state: 'busy' } as const,
  }

  drift.observe(free)
  wait(driftLastsMs)
  const verdict = drift.observe(free)

  expect(verdict?.reason).toBe('claude 2.1.329 looks idle while its status file says busy')
})

test('a screen that looks busy while something says idle costs only a wait', () => {
  const { drift, wait } = watch()
  const slow = { ...look, state: 'busy', contradictedBy: { source: 'status file', state: 'idle' } } as const

  drift.observe(slow)
  wait(driftLastsMs * 10)

  expect(drift.observe(slow)).toBeNull()
})

test('a person can trust a release again', () => {
  const { drift, wait } = watch()
  drift.observe({ ...look, known: false })
  wait(driftLastsMs)
  drift.observe({ ...look, known: false })

  drift.trust('claude', '3.0.0')

  expect(drift.observe(look)).toBeNull()
})
