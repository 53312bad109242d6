import { describe, expect, test } from 'vitest'
import { pathsOverlap } from './overlap.ts'

describe('two paths overlap', () => {
  test.each([
    ['src/a.ts', 'src/a.ts'],
    ['src/', 'src/a.ts'],
    ['/', 'src/a.ts'],
    ['src', 'src/deep/er/a.ts'],
    ['src/*.ts', 'src/a.ts'],
    ['src/*', 'src/deep/a.ts'],
    ['**/*.ts', 'src/deep/a.ts'],
    ['**/*.ts', 'a.ts'],
    ['src/**/test', 'src/test/x'],
    ['a*c', '*b*'],
    ['src/?.ts', 'src/*.ts'],
    ['README.md', 'readme.MD'],
    ['caf\u00e9.txt', 'cafe\u0301.txt'],
    ['*/b', 'a/*'],
  ])('%j and %j', (a, b) => {
    expect(pathsOverlap(a, b)).toBe(true)
    expect(pathsOverlap(b, a)).toBe(true)
  })
})

describe('two paths do not overlap', () => {
  test.each([
    ['src/a.ts', 'src/a.tsx'],
    ['src/a', 'src/ab'],
    ['src/', 'srcs/a.ts'],
    ['src/*.ts', 'src/a.js'],
    ['a?c', 'ac'],
    ['src/*/x', 'lib/a/x'],
    ['*a', '*b'],
    ['src/[id]', 'src/i'],
  ])('%j and %j', (a, b) => {
    expect(pathsOverlap(a, b)).toBe(false)
    expect(pathsOverlap(b, a)).toBe(false)
  })
})

test('the longest patterns are compared at once', () => {
  const stars = 'a*'.repeat(500)

  const before = process.cpuUsage()
  const meets = pathsOverlap(`${stars}b`, `${stars}c`)
  const { user } = process.cpuUsage(before)

  expect(meets).toBe(false)
  expect(user / 1_000).toBeLessThan(2_000)
})
