import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dialogText, digestOf, inputDigest, interactionEvents, openInteractionStates } from './interaction.ts'
import { packageRoot } from './paths.ts'

test('the documentation shows the life of an interaction as it is', () => {
  const rows = Object.entries(interactionEvents).map(
    ([event, { from, to }]) => `| ${event} | ${from.join(', ')} | ${to} |`,
  )
  const table = ['| event | from | to |', '|---|---|---|', ...rows].join('\n')

  const document = readFileSync(join(packageRoot, 'views/docs/permissions.md'), 'utf8')

  expect(document).toContain(`<!-- lifecycle:begin -->\n${table}\n<!-- lifecycle:end -->`)
})

test('what is over can not be answered again', () => {
  const answers = Object.values(interactionEvents).flatMap(({ from }): readonly string[] => from)

  expect(answers.every((state) => openInteractionStates.some((open) => open === state))).toBe(true)
})

test('a redrawn dialog has the same digest, another one has not', () => {
  const drawn = dialogText(['╭───╮', '│ Run ls? │', '│ ❯ 1. Yes │', '│   2. No │'])
  const redrawn = dialogText(['\u001B[2m╭──╮\u001B[0m', '│  Run ls?│', '│   1. Yes│', '│ ❯ 2. No │'])

  expect(digestOf(redrawn)).toBe(digestOf(drawn))
  expect(digestOf(dialogText(['Run rm?', '1. Yes', '2. No']))).not.toBe(digestOf(drawn))
})

test('the digest of an input depends on its content, not on the order of its keys', () => {
  const one = inputDigest({ tool: 'shell', toolName: 'Bash', input: { raw: { a: 1, b: 2 } } })
  const same = inputDigest({ tool: 'shell', toolName: 'Bash', input: { raw: { b: 2, a: 1 } } })
  const other = inputDigest({ tool: 'shell', toolName: 'Bash', input: { raw: { a: 1, b: 3 } } })

  expect(same).toBe(one)
  expect(other).not.toBe(one)
})
