import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { roles, scopes } from './account.ts'
import { packageRoot } from './paths.ts'

const document = readFileSync(join(packageRoot, 'views/docs/accounts.md'), 'utf8')
const namedIn = (table: string) =>
  [
    ...document
      .split(table)[1]!
      .split('\n\n')[0]!
      .matchAll(/^\| `?(\w+)`? \| \S/gm),
  ].map(([, name]) => name)

test('the documentation says what each scope of a token is for, and names no other', () => {
  expect(namedIn('| scope | for |')).toEqual([...scopes])
})

test('the documentation says what each role may do, and names no other', () => {
  expect(namedIn('| role | may |')).toEqual([...roles])
})
