import { expect, test } from 'vitest'
import { keysForName, projectKeyPattern } from './project.ts'

test.each([
  ['architect', ['ARC', 'ARCH', 'ARCHI', 'ARC2', 'ARC3']],
  ['edu apps', ['EA', 'EDU', 'EDUA', 'EDUAP', 'EA2']],
  ['Éclair-Übung', ['EU', 'ECL', 'ECLA', 'ECLAI', 'EU2']],
  ['2 fast', ['FA', 'FAS', 'FAST', 'FA2']],
  ['x', ['PRJ2', 'PRJ3']],
  ['日本語', ['PRJ2', 'PRJ3']],
])('keys for %s', (name, first) => {
  const suggested = keysForName(name)
  const keys = first.map(() => suggested.next().value)

  expect(keys).toEqual(first)
  expect(keys.filter((key) => !projectKeyPattern.test(key))).toEqual([])
})
