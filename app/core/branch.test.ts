import { describe, expect, test } from 'vitest'
import { faultOfBranch, usualBranchRules } from './branch.ts'

const today = new Date(2026, 10, 21)
const rules = { protectedBranches: ['feature/centralize-db', 'release/*'], checksNames: true }
const faultOf = (branch: string) => faultOfBranch(branch, rules, today)

describe('a branch of one’s own', () => {
  test.each(['feature/carts-1121', 'fix/login-0131', 'refactor/a.b_c-d-0229', 'feature/2-steps-1231'])(
    '%s',
    (branch) => {
      expect(faultOf(branch)).toBeNull()
    },
  )
})

describe('is refused with a reason', () => {
  test.each([
    ['main', 'protected'],
    ['MASTER', 'protected'],
    ['refs/heads/dev', 'protected'],
    ['feature/centralize-db', 'protected'],
    ['release/2.0', 'protected'],
    ['carts-1121', 'begins with none of'],
    ['hotfix/carts-1121', 'begins with none of'],
    ['feature/carts', 'does not end in -MMDD'],
    ['feature/carts-1321', '1321 is no day'],
    ['feature/carts-0230', '0230 is no day'],
    ['feature/carts-0431', '0431 is no day'],
    ['feature/carts-1100', '1100 is no day'],
    ['feature/carts-112', '112 is no day'],
    ['feature/käse-1121', 'letters, digits'],
    ['feature/a/b-1121', 'letters, digits'],
    ['feature/-x-1121', 'letters, digits'],
    ['feature/x..y-1121', "can't be the name"],
    ['feature/x y-1121', "can't be the name"],
    ['-D', "can't be the name"],
    ['feature/x\n-1121', "can't be the name"],
    ['feature/.x-1121', "can't be the name"],
    ['', "can't be the name"],
  ])('%j: %s', (branch, why) => {
    expect(faultOf(branch)).toContain(why)
  })
})

test('the reason comes with a good example', () => {
  expect(faultOf('feature/Shopping Cart!')).toContain('feature/shopping-cart-1121')
  expect(faultOf('main')).toContain('git checkout -b feature/fix-login-1121')
})

test('where names are not checked, protected branches still are', () => {
  const loose = { ...usualBranchRules, checksNames: false }

  expect(faultOfBranch('whatever', loose, today)).toBeNull()
  expect(faultOfBranch('dev', loose, today)).toContain('protected')
})
