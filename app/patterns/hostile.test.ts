import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageRoot } from '../core/paths.ts'
import { defaultPolicy, type Effect } from '../core/pattern.ts'
import { decide } from './decide.ts'
import { context, pattern, shellAsk } from './testing.ts'

type Group = { about: string } & Partial<Record<Effect, string[]>>
const corpus = parse(readFileSync(join(packageRoot, 'app/patterns/corpus/hostile.yaml'), 'utf8')) as {
  generous: string[]
  groups: Group[]
}
const generous = pattern({ commands: corpus.generous.map((program) => `${program} ...`) })

describe.each(corpus.groups)('$about', (group) => {
  const cases = (['ask', 'deny', 'allow'] as const).flatMap((effect) =>
    (group[effect] ?? []).map((command): [Effect, string] => [effect, command]),
  )

  test.each(cases)('%s: %j', (effect, command) => {
    const decision = decide(shellAsk(command), context(), [generous], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })
})
