import { describe, expect, test } from 'vitest'
import { fingerprintOf, identityOf, normalMessage, stackShape } from './fingerprint.ts'

const of = (message: string, source = 'app.py', errorType = 'error') => ({ errorType, message, source })

describe('what differs from one time to the next is left out', () => {
  test.each([
    ['user 17 is unknown', 'user <n> is unknown'],
    ['took 1.25 s of 10,5', 'took <n> s of <n>'],
    ['no row 3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'no row <id>'],
    ['commit 461748a1b2 is gone', 'commit <id> is gone'],
    ['at 0x7ffee4 in main', 'at <id> in main'],
    ['key usr_8Jk2LmN4pQ6rS8tU0v', 'key <id>'],
    ['cannot open /home/pi/app/x.py:12', 'cannot open <path>'],
    ['cannot open ./x/y.py', 'cannot open <path>'],
    ['cannot open C:\\Users\\a\\x.py', 'cannot open <path>'],
    ['since 2026-11-22T01:02:03.456Z', 'since <time>'],
    ['at 10:02:03 o clock', 'at <time> o clock'],
    ['10.0.0.17 refused', '<ip> refused'],
    ['GET https://x.example/a?b=1 failed', 'GET <url> failed'],
    ['mail to a.b@example.com', 'mail to <email>'],
    ['many   spaces\nand lines', 'many spaces and lines'],
    ['and/or is no path', 'and/or is no path'],
    ['feedface is a word of hexadecimal letters', 'feedface is a word of hexadecimal letters'],
  ])('%j', (message, expected) => {
    expect(normalMessage(message)).toBe(expected)
  })
})

test('errors of the same kind have one fingerprint and their own identities', () => {
  const [first, second] = [of('user 17 is unknown'), of('user 18 is unknown')]

  expect(fingerprintOf(first)).toBe(fingerprintOf(second))
  expect(identityOf(first)).not.toBe(identityOf(second))
  expect(fingerprintOf(first)).toMatch(/^v1:[0-9a-f]{32}$/)
})

test('type, words and source tell kinds apart', () => {
  const kinds = [
    of('user 1 is unknown'),
    of('user 1 is missing'),
    of('user 1 is unknown', 'worker1.py'),
    of('user 1 is unknown', 'worker2.py'),
    of('user 1 is unknown', 'app.py', 'KeyError'),
  ]

  expect(new Set(kinds.map(fingerprintOf)).size).toBe(kinds.length)
})

test('folders above, lines and the digests of bundlers in a source make no difference', () => {
  const same = (a: string, b: string) => fingerprintOf(of('x', a)) === fingerprintOf(of('x', b))

  expect(same('/home/pi/shop/src/app.py:12', '/srv/shop/src/app.py:40:2')).toBe(true)
  expect(same('assets/main.3f2a1b9c.js', 'assets/main.99aa1b2c.js')).toBe(true)
  expect(same('a/app.py', 'b/app.py')).toBe(false)
})

test('stacks that differ in lines and addresses have one shape', () => {
  expect(stackShape('at f (/a/b.js:1:2)')).toBe(stackShape('at f (/c/d.js:3:4)'))
  expect(stackShape('at f (/a/b.js:1:2)')).not.toBe(stackShape('at g (/a/b.js:1:2)'))
  expect(stackShape(null)).toBe('')
})

test('no message of 12 kB makes the rules slow', () => {
  const pieces = ['1', 'a1', '/a', 'a@', 'a-1_', '://', '0x', '1:', '.a', 'http://', 'abcdef12-']

  const startedAt = performance.now()
  for (const piece of pieces) normalMessage(piece.repeat(12_000 / piece.length))

  expect(performance.now() - startedAt).toBeLessThan(5_000)
})
