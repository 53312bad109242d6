import { describe, expect, test } from 'vitest'
import { shippedHierarchy } from './rules-file.ts'
import {
  confine,
  hierarchySchema,
  maySend,
  requireMaySend,
  type Member,
  type Tier,
} from '../../core/hierarchy.ts'

const node = 'pi'

function member(name: string, tier: Tier, manager: string | null = null): Member {
  const leader = manager === null ? null : { node, name: manager }
  return { node, name, tier, manager: leader, tags: [], agent: 'claude', isThere: true }
}

const chief = member('chief', 'high_level')
const architect = member('architect', 'manager', 'chief')
const wrapper = member('wrapper', 'manager')
const dev = member('dev_w1', 'worker', 'architect')
const edu = member('edu_w1', 'worker', 'wrapper')
const free = member('comet', 'worker')
const all = [chief, architect, wrapper, dev, edu, free]
const rules = shippedHierarchy()

describe('the shipped rules', () => {
  test('are whole', () => {
    expect(hierarchySchema.safeParse(rules).success).toBe(true)
  })

  test.each([
    [chief, architect, null, true],
    [chief, dev, null, false],
    [architect, dev, 'code', true],
    [architect, edu, 'code', false],
    [architect, free, null, false],
    [architect, wrapper, null, false],
    [architect, chief, null, false],
    [architect, chief, 'report', true],
    [dev, architect, null, false],
    [dev, architect, 'report', true],
    [dev, architect, 'question', true],
    [dev, chief, 'report', false],
    [dev, edu, 'message', false],
    [null, architect, null, true],
    [null, free, null, true],
    [null, dev, null, false],
    [null, dev, 'message', true],
  ] as const)('%j → %j, %s: %s', (from, to, kind, allowed) => {
    expect(maySend(rules, from, to, kind)).toBe(allowed)
  })
})

describe('a refusal', () => {
  test('tells a person whose the session is, whom to send it to, and how to pass', () => {
    expect(() => requireMaySend(rules, null, dev, null, all)).toThrow(
      'dev_w1 belongs to manager architect; send it to architect, or use --force.',
    )
  })

  test('tells a session whom it may send to, and never of --force', () => {
    expect(() => requireMaySend(rules, chief, dev, null, all)).toThrow(
      'chief is a high_level and may not send work to dev_w1: dev_w1 belongs to manager architect; send it to architect.',
    )
    expect(() => requireMaySend(rules, architect, edu, 'code', all)).toThrow(
      'edu_w1 belongs to manager wrapper; it may send that to dev_w1.',
    )
  })
})

describe('what a session sends to nobody in particular', () => {
  test.each([
    [architect, {}, 'code', { manager: 'pi/architect' }],
    [architect, { tag: 'web' }, null, { tag: 'web', manager: 'pi/architect' }],
    [chief, {}, null, { tier: 'manager' }],
    [dev, {}, 'report', { session: 'pi/architect' }],
  ] as const)('%j with %j stays with those that it may send to', (from, target, kind, expected) => {
    expect(confine(rules, from, target, kind)).toEqual(expected)
  })

  test('is refused where there is nobody', () => {
    expect(() => confine(rules, dev, {}, 'code')).toThrow(
      'dev_w1 is a worker and may not give code to anyone',
    )
    expect(() => confine(rules, chief, { tier: 'worker' }, null)).toThrow('may not send to the tier worker')
  })
})
