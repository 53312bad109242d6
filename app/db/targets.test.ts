import { expect, test } from 'vitest'
import { claimingSession } from '../testing/claiming.ts'
import { routeOf, routesOf } from './targets.ts'

test.each([
  [{}, 'any'],
  [{ node: 'pi' }, 'node:pi'],
  [{ node: 'pi', tier: 'manager' as const }, 'tier:manager'],
  [{ tier: 'worker' as const, agent: 'codex' }, 'agent:codex'],
  [{ agent: 'codex', tag: 'ui' }, 'tag:ui'],
  [{ tag: 'ui', dir: '/code/' }, 'dir:/code'],
  [{ dir: '/code', session: 'pi/web:0.1' }, 'session:pi/web:0.1'],
])('the route of %o is its most selective field', (target, route) => {
  expect(routeOf(target)).toBe(route)
})

test('a session answers to its names, its folder and all above it, and to what it is', () => {
  const session = claimingSession({ names: ['web'], provider: 'anthropic' })

  expect(routesOf(session)).toEqual([
    'session:web',
    'session:pi/web',
    'dir:/code/shop',
    'dir:/code',
    'dir:/',
    'tag:ui',
    'agent:claude',
    'agent:anthropic',
    'tier:worker',
    'node:pi',
    'any',
  ])
})

test('a session that takes nothing that is for anyone does not answer to "any"', () => {
  expect(routesOf(claimingSession({ allowUntargeted: false }))).not.toContain('any')
})
