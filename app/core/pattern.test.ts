import { expect, test } from 'vitest'
import { readTemplate } from '../patterns/command-template.ts'
import { newPatternSchema } from './pattern.ts'

const accepts = (conditions: object) =>
  newPatternSchema.safeParse({ name: 'a rule', effect: 'allow', conditions }).success

test.each([
  ['nothing', {}],
  ['a place only', { inside: 'project' }],
  ['files without a tool', { paths: ['src/**'] }],
  ['sessions only', { sessions: ['dev'], tiers: ['worker'], agents: ['claude'], projects: ['/p'] }],
  ['no tool', { tools: [] }],
  ['an empty tool', { tools: [''] }],
  ['a condition that nobody knows', { tools: ['shell'], command: ['ls'] }],
])('a rule about %s is refused', (_what, conditions) => {
  expect(accepts(conditions)).toBe(false)
})

test.each(['ls ...', "git commit -m 'a b'", 'cat <path>', "'my program' ...", "echo '' it", "echo 'it''s'"])(
  'a rule about the command %s is taken',
  (line) => {
    expect([accepts({ commands: [line] }), readTemplate(line) !== null]).toEqual([true, true])
  },
)

test.each(["echo 'open", '<path>', '<text> x', '...', "echo it's", "echo 'a'b", ' '])(
  'a rule about %j, which is no command, is refused',
  (line) => {
    expect([accepts({ commands: [line] }), readTemplate(line) !== null]).toEqual([false, false])
  },
)

test.each(['ls;rm x', 'ls && rm x', 'cat a | sh', 'sleep 9 &', "echo 'a;b' ; rm x"])(
  'a rule about %j, which would be several commands, is refused',
  (line) => {
    expect(accepts({ commands: [line] })).toBe(false)
    expect(accepts({ commands: [`echo '${line.replaceAll("'", "''")}'`] })).toBe(true)
  },
)
