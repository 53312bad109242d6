import { describe, expect, test } from 'vitest'
import { UsageError } from '../failure.ts'
import { parseTerminalLine } from './parse.ts'

describe('parseTerminalLine', () => {
  test.each([
    ['os: fix the bug', { do: 'send', text: 'fix the bug' }],
    ['os:5: fix the bug', { do: 'send', text: 'fix the bug', priority: 5 }],
    ['OS:fix', { do: 'send', text: 'fix' }],
    ['os: 5 apples', { do: 'send', text: '5 apples' }],
    ['os: look: it is red', { do: 'send', text: 'look: it is red' }],
    ['os[dev_w1]: fix', { do: 'send', text: 'fix', session: 'dev_w1' }],
    ['os[dev_w1]:9: fix', { do: 'send', text: 'fix', session: 'dev_w1', priority: 9 }],
    ['os: one\ntwo', { do: 'send', text: 'one\ntwo' }],
    ['  status ', { do: 'status' }],
    ['QUIT', { do: 'quit' }],
    ['exit', { do: 'quit' }],
    ['result 7', { do: 'result', id: 7 }],
    ['cancel #7', { do: 'cancel', id: 7 }],
    ['', { do: 'nothing' }],
  ])('%j is %j', (line, command) => {
    expect(parseTerminalLine(line)).toEqual(command)
  })

  test.each([
    ['os:', 'Nothing to send: write os: and then the prompt.'],
    ['os:11: x', 'The priority goes from 0 to 10, not 11.'],
    ['os[]: x', 'Between [ and ] belongs the name of a session'],
    ['fix the bug', '"fix the bug" is no command. To send it as a prompt: os: fix the bug'],
    ['status now', '"status now" is no command.'],
    ['result', 'result takes the number of a prompt; "" is none.'],
  ])('%j is refused: %s', (line, sentence) => {
    const parsing = () => parseTerminalLine(line)

    expect(parsing).toThrow(UsageError)
    expect(parsing).toThrow(sentence)
  })
})
