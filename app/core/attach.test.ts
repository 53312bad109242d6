import { expect, test } from 'vitest'
import { attachCommand } from './attach.ts'

test.each([
  ['dev', 'default', null, "tmux attach -t '=dev'"],
  ['dev', 'work', 'work,other', "tmux -L 'work' attach -t '=dev'"],
  ['dev', 'a.sock', '/run/me/a.sock', "tmux -S '/run/me/a.sock' attach -t '=dev'"],
  ["it's", 'default', '', String.raw`tmux attach -t '=it'\''s'`],
  ['dev', 's', '/a/s,/b/s', null],
  ['dev', 'unknown', 'work', null],
])('session %s of the server %s, of %s', (name, server, sockets, command) => {
  expect(attachCommand(name, server, sockets)).toBe(command)
})
