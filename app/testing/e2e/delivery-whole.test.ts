import { expect, test } from 'vitest'
import { normalisePromptText } from '../../core/prompt-text.ts'
import { startBroker } from '../broker.ts'

const texts: [what: string, text: string][] = [
  ['one byte', 'x'],
  ['several lines', 'first\n\n  second, indented\nthird'],
  ['quotes', `'single' "double" ''' """ \\" \\'`],
  ['what a shell would expand', '$HOME ${HOME} $(id) `id` !! ~ * ? > /dev/null && false; exit'],
  ["tmux's own words", '#{pane_id} #(date) #S %H %if ; \\; { } kill-server'],
  ['tabs', 'a\tb\n\tc'],
  ['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 é e\u0301'],
  ['wide and right-to-left characters', '中文 日本語 한국어 שלום عربى'],
  ['CRLF', 'windows\r\nlines\rand old ones'],
  ['a leading dash', '-n --help -t %0'],
  ['a leading at sign', '@README.md is worth reading'],
  ['a trailing file mention', 'read @README.md'],
  ['a leading path', '/usr/bin/env is a path'],
  ['a trailing backslash', 'C:\\folder\\'],
  ['a trailing newline', 'the end\n\n'],
  ['control characters', 'a\u0007b\u001b[31mred\u001b[0m \u001b[201~ end'],
]

test.concurrent('prompts of any characters arrive whole', async () => {
  const names = ['a', 'b', 'c', 'd']
  await using broker = await startBroker({ agents: Object.fromEntries(names.map((name) => [name, {}])) })

  const ids = await Promise.all(texts.map(([, text]) => broker.send(text)))
  for (const id of ids) await broker.settled(id)

  const taken = (await Promise.all(names.map((name) => broker.agent(name).prompts()))).flat()
  expect(taken.sort()).toEqual(texts.map(([, text]) => normalisePromptText(text)).sort())
})

test.concurrent.each([1_000, 16_385, 100_000, 1_048_576])('%i bytes arrive whole', async (size) => {
  await using broker = await startBroker()
  const line = 'many lines with "quotes", $PATH; #{x} and \\ in them\n'
  const text = line
    .repeat(Math.ceil(size / line.length))
    .slice(0, size - 1)
    .trimEnd()
    .padEnd(size, '.')

  const id = await broker.send(text)
  const { prompt } = await broker.settled(id)

  expect(prompt.state).toBe('completed')
  expect(await broker.agent('a').prompts()).toEqual([text])
})

test.concurrent('a command of the agent goes through when it is meant', async () => {
  await using broker = await startBroker()

  const id = await broker.send('/clear', { agentCommand: true })
  const { prompt } = await broker.settled(id)

  const commands = (await broker.agent('a').log()).filter(({ type }) => type === 'command')
  expect(prompt.state).toBe('completed')
  expect(commands.map(({ text }) => text)).toEqual(['/clear'])
})

test.concurrent('a shell escape goes through as it is when it is meant, and is refused otherwise', async () => {
  await using broker = await startBroker()

  const refused = broker.send('!ls')
  await expect(refused).rejects.toMatchObject({ code: 'invalid' })
  const id = await broker.send('!ls -la', { agentCommand: true })
  await broker.settled(id)

  expect(await broker.agent('a').prompts()).toEqual(['!ls -la'])
})
