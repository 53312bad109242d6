import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseSockets } from './sockets.ts'

test.each([
  [null, [{ label: 'default', args: ['-L', 'default'] }]],
  [' ', [{ label: 'default', args: ['-L', 'default'] }]],
  ['work', [{ label: 'work', args: ['-L', 'work'] }]],
  ['/run/a/tmux.sock', [{ label: 'tmux.sock', args: ['-S', '/run/a/tmux.sock'] }]],
  ['./b.sock', [{ label: 'b.sock', args: ['-S', resolve('b.sock')] }]],
  ['work, work,', [{ label: 'work', args: ['-L', 'work'] }]],
])('%j is read as its servers', (value, sockets) => {
  expect(parseSockets(value)).toEqual(sockets)
})

test('two sockets of the same file name get labels of their own, without a slash', () => {
  expect(parseSockets('/a/s,/b/s,s').map(({ label }) => label)).toEqual(['s', 's~2', 's~3'])
})
