import { describe, expect, test } from 'vitest'
import { defaultPolicy, newPatternSchema } from '../core/pattern.ts'
import { decide } from './decide.ts'
import { patternFrom } from './pattern-from.ts'
import { context, pattern, shellAsk } from './testing.ts'

const projects = ['/home/me/shop']

describe('patternFrom', () => {
  test.each([
    ['npm run lint', ['npm run lint'], ['npm run ...']],
    ['git commit -m "Fix it"', ["git commit -m 'Fix it'"], ['git commit -m <text>']],
    ['cat src/a.ts', ['cat src/a.ts'], ['cat <path>']],
    ['npm test && git status', ['npm test', 'git status'], ['npm test ...', 'git status ...']],
  ])('of %j is as narrow as it can be, with wider ones after it', (command, narrow, wider) => {
    const made = patternFrom(shellAsk(command), context())

    expect(made?.narrow.pattern.conditions).toEqual({ projects, commands: narrow })
    expect(made?.wider[0]?.pattern.conditions).toEqual({ projects, commands: wider })
  })

  test('of a file names that file, then its folder, then the project', () => {
    const made = patternFrom(shellAsk('', { tool: 'edit', input: { paths: ['src/a.ts'] } }), context())

    expect([made?.narrow, ...(made?.wider ?? [])].map((each) => each?.pattern.conditions)).toEqual([
      { projects, tools: ['edit'], paths: ['/home/me/shop/src/a.ts'] },
      { projects, tools: ['edit'], inside: 'project', paths: ['/home/me/shop/src/**'] },
      { projects, tools: ['edit'], inside: 'project' },
    ])
  })

  test('says what it would do', () => {
    expect(patternFrom(shellAsk('npm test'), context())?.narrow.says).toBe(
      'Allows `npm test` in the project shop.',
    )
    expect(patternFrom(shellAsk('cat /etc/hosts'), context(), 'deny')?.narrow.says).toBe(
      'Denies `cat /etc/hosts` in the project shop. It touches files outside of the project.',
    )
  })

  test.each(['ls $x', 'for i in 1; do ls; done', 'ls `x`', ''])(
    'there is none for %j, which is not certain',
    (command) => {
      expect(patternFrom(shellAsk(command), context())).toBeNull()
    },
  )

  test.each(["frob 'a b' --x", "frob '<path>' \"it's\"", "frob '...'", 'make lint'])(
    'the narrow pattern allows %j, and no other words',
    (command) => {
      const made = patternFrom(shellAsk(command), context())
      const live = pattern(newPatternSchema.parse(made?.narrow.pattern).conditions)
      const place = context({ tier: 'high_level' })

      expect(decide(shellAsk(command), place, [live], defaultPolicy)).toMatchObject({ effect: 'allow' })
      expect(decide(shellAsk(`${command} more`), place, [live], defaultPolicy)).toMatchObject({
        effect: 'ask',
      })
    },
  )
})
