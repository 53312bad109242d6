import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'
import { shippedRules } from './index.ts'

test.each(['deny', 'ask'] as const)('the documentation lists every shipped rule that is for %s', (effect) => {
  const rows = shippedRules
    .filter((rule) => rule.effect === effect)
    .map(({ name, reason }) => `| \`${name}\` | ${reason} |`)
  const table = ['| rule | what it is about: it … |', '|---|---|', ...rows].join('\n')

  const document = readFileSync(join(packageRoot, 'views/docs/permissions.md'), 'utf8')

  expect(document).toContain(table)
})
