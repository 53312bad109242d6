import { expect, test } from 'vitest'
import type { OptionMeaning } from '../core/interaction.ts'
import { defaultPolicy } from '../core/pattern.ts'
import { dryRun, type PastInteraction } from './dry-run.ts'
import { context, pattern, shellAsk } from './testing.ts'

const past = (id: number, command: string, meaning: OptionMeaning | null): PastInteraction => ({
  id,
  ask: shellAsk(command),
  context: context({ tier: 'high_level' }),
  answer: meaning === null ? null : { meaning },
})

test('a dry run counts what a pattern would have approved, and what people had denied', () => {
  const history = [
    past(1, 'frob a', 'allow_once'),
    past(2, 'frob b', 'deny'),
    past(3, 'ls', 'allow_once'),
    past(4, 'frob a; ls', null),
  ]
  const tried = pattern({ commands: ['frob ...'] }, { state: 'draft' })

  const result = dryRun(tried, history, [], defaultPolicy)

  expect(result.says).toBe('Would have approved 2 of 4. People had answered 1 of them the other way.')
  expect(result.cases.map(({ id, after, contradicts }) => [id, after, contradicts])).toEqual([
    [1, 'allow', false],
    [2, 'allow', true],
  ])
})

test('a dry run says which approvals a shipped rule warns about', () => {
  const history = [
    past(1, 'git push --force', 'deny'),
    past(2, 'git push origin x', null),
    past(3, 'git fetch', null),
  ]
  const policy = { ...defaultPolicy, withoutShipped: ['git-force-push'] }

  const result = dryRun(pattern({ commands: ['git push ...', 'git fetch ...'] }), history, [], policy)

  expect(result.says).toBe(
    'Would have approved 3 of 3, 1 of which overwrites or deletes what others have pushed. People had answered 1 of them the other way.',
  )
})

test('a denying pattern is tried against what people approved', () => {
  const history = [past(1, 'frob a', 'allow_once'), past(2, 'ls', 'allow_once')]

  const result = dryRun(pattern({ commands: ['frob ...'] }, { effect: 'deny' }), history, [], defaultPolicy)

  expect(result).toMatchObject({ wouldAllow: 0, wouldDeny: 1, contradictions: 1 })
})
