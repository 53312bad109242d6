import { describe, expect, test } from 'vitest'
import type { HierarchyRules, Member, Tier } from '../../core/hierarchy.ts'
import type { InteractionKind } from '../../core/interaction.ts'
import { ledBy, whyMayNotAnswer } from './may-answer.ts'
import { shippedHierarchy } from './rules-file.ts'

const node = 'pi'

function member(name: string, tier: Tier, manager: string | null = null, at = node): Member {
  const [managerNode = at, managerName] = manager?.includes('/') ? manager.split('/') : [at, manager]
  const leader = managerName == null ? null : { node: managerNode, name: managerName }
  return { node: at, name, tier, manager: leader, tags: [], agent: 'claude', isThere: true }
}

const chief = member('chief', 'high_level')
const architect = member('architect', 'manager', 'chief')
const wrapper = member('wrapper', 'manager')
const dev = member('dev', 'worker', 'architect')
const edu = member('edu', 'worker', 'wrapper')
const free = member('free', 'worker')
const far = member('far', 'worker', 'pi/architect', 'attic')
const namesake = member('architect', 'manager', null, 'attic')
const farOwn = member('far_own', 'worker', 'architect', 'attic')
const all = [chief, architect, wrapper, dev, edu, free, far, namesake, farOwn]

function why(by: Member, asker: Member, kind: InteractionKind = 'question', rules = shippedHierarchy()) {
  return whyMayNotAnswer(rules, all, by, { id: 7, node: asker.node, sessionName: asker.name, kind })
}

describe('by the shipped rules', () => {
  test.each([
    [architect, dev, 'question'],
    [architect, dev, 'plan'],
    [architect, far, 'question'],
    [chief, architect, 'question'],
    [chief, dev, 'plan'],
    [chief, far, 'question'],
    [namesake, farOwn, 'question'],
  ] as const)('$0.node/$0.name answers what $1.node/$1.name asks: a %s', (by, asker, kind) => {
    expect(why(by, asker, kind)).toBeNull()
  })

  test.each([
    [architect, architect, /is your own/],
    [chief, chief, /is your own/],
    [dev, dev, /is your own/],
    [dev, architect, /do not lead architect/],
    [dev, edu, /do not lead edu/],
    [architect, wrapper, /do not lead wrapper/],
    [architect, edu, /do not lead edu/],
    [architect, chief, /do not lead chief/],
    [architect, free, /do not lead free/],
    [architect, farOwn, /do not lead far_own/],
    [namesake, far, /do not lead far/],
    [namesake, dev, /do not lead dev/],
    [chief, edu, /do not lead edu/],
    [chief, free, /do not lead free/],
  ])('$0.node/$0.name does not answer what $1.node/$1.name asks', (by, asker, reason) => {
    expect(why(by, asker)).toMatch(reason)
  })

  test.each(['permission', 'dialog'] as const)('nobody answers a %s, and hears what to do', (kind) => {
    expect(why(architect, dev, kind)).toBe(
      `Interaction 7 is a ${kind}, and a manager session may answer question and plan only ` +
        '(answer, in hierarchy.yaml). A person answers it; use ask_human where they have to know something.',
    )
  })
})

describe("by rules of one's own", () => {
  const rules: HierarchyRules = {
    ...shippedHierarchy(),
    answer: { high_level: [], manager: ['permission'] },
  }

  test('a tier answers what is listed for it, and nothing else', () => {
    expect(why(architect, dev, 'permission', rules)).toBeNull()
    expect(why(architect, dev, 'question', rules)).toMatch(/permission only/)
    expect(why(chief, dev, 'question', rules)).toMatch(/nothing that is asked/)
    expect(why(architect, dev, 'dialog', rules)).toMatch(/permission only/)
  })
})

test('a session that was made a worker while it still leads answers nothing', () => {
  const fallen = { ...architect, tier: 'worker' as const }
  const members = all.map((one) => (one === architect ? fallen : one))

  const reason = whyMayNotAnswer(shippedHierarchy(), members, fallen, {
    id: 7,
    node,
    sessionName: 'dev',
    kind: 'question',
  })

  expect(reason).toMatch(/a worker session may answer nothing/)
})

test('a circle of managers ends the search', () => {
  const one = member('one', 'manager', 'two')
  const two = member('two', 'manager', 'one')

  expect(ledBy(chief, [one, two, chief])).toEqual([])
  expect(ledBy(architect, all).map(({ name }) => name)).toEqual(['dev', 'far'])
})
