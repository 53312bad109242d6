import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from './paths.ts'
import { promptEvents } from './prompt.ts'

test('the documentation shows the life of a prompt as it is', () => {
  const rows = Object.entries(promptEvents).map(
    ([event, { from, to }]) => `| ${event} | ${from.join(', ')} | ${to} |`,
  )
  const table = ['| event | from | to |', '|---|---|---|', ...rows].join('\n')

  const document = readFileSync(join(packageRoot, 'views/docs/assigner.md'), 'utf8')

  expect(document).toContain(`<!-- lifecycle:begin -->\n${table}\n<!-- lifecycle:end -->`)
})
