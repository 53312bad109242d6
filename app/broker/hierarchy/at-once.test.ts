import { expect, test } from 'vitest'
import type { SessionSettings } from '../../db/session-settings.ts'
import type { LiveSession } from '../../core/fleet.ts'
import { AtOnce } from './at-once.ts'
import { shippedHierarchy } from './rules-file.ts'

function counting(occupied: string[]) {
  const sessions = ['a1', 'a2', 'a3', 'b1'].map((key) => ({ key }) as LiveSession)
  const settingsOf = ({ key }: LiveSession) =>
    ({ tier: 'worker', manager: key.startsWith('a') ? 'anna' : null }) as SessionSettings
  const most = { ...shippedHierarchy().at_once, worker: 3, per_manager: 2 }
  const rules = { ...shippedHierarchy(), at_once: most }
  const working = sessions.filter(({ key }) => occupied.includes(key))
  const atOnce = new AtOnce({ rules, settingsOf, working })
  return { atOnce, of: (key: string) => sessions.find((session) => session.key === key)! }
}

test('as many sessions of one manager work at a time as may, and the next one when one of them is done', () => {
  const two = counting(['a1', 'a2'])
  const one = counting(['a1'])

  expect(two.atOnce.isFull(two.of('a3'))).toBe(true)
  expect(two.atOnce.isFull(two.of('b1'))).toBe(false)
  expect(one.atOnce.isFull(one.of('a3'))).toBe(false)
})

test('of a tier no more work than may, whoever leads them', () => {
  const { atOnce, of } = counting(['a1', 'a2'])

  const before = atOnce.isFull(of('b1'))
  atOnce.count(of('b1'))

  expect([before, atOnce.isFull(of('b1'))]).toEqual([false, true])
})

test('there is room for all that may work together, and not for one more', () => {
  const { atOnce, of } = counting(['a1'])

  expect(atOnce.hasRoomFor([of('a2'), of('b1')])).toBe(true)
  expect(atOnce.hasRoomFor([of('a2'), of('a3')])).toBe(false)
})
