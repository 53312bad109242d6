import { Command } from 'commander'
import { expect, test } from 'vitest'
import { buildProgram, parts } from './program.ts'

test('each part adds the commands that it is loaded for', async () => {
  const added = await Promise.all(
    parts.map(async ({ load }) => {
      const program = new Command()
      ;(await load())(program)
      return program.commands.map((command) => command.name())
    }),
  )

  expect(added).toEqual(parts.map(({ names }) => names))
})

test('a command is understood alone, and anything else by all of them', async () => {
  const namesFor = async (...args: string[]) => (await buildProgram(args)).commands.map((each) => each.name())

  expect(await namesFor('bugs', 'list')).toEqual(['projects', 'features', 'bugs', 'devops-tasks', 'search'])
  expect(await namesFor('--help')).toEqual(parts.flatMap(({ names }) => names))
  expect(await namesFor('help', 'bugs')).toEqual(parts.flatMap(({ names }) => names))
})
