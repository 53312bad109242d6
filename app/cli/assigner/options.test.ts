import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { chooseAction, declareAssignerOptions, type AssignerOptions } from './options.ts'

function parse(...args: string[]): AssignerOptions {
  const command = declareAssignerOptions(new Command('assigner')).exitOverride()
  return command.parse(args, { from: 'user' }).opts()
}

describe('chooseAction', () => {
  test('no option means: run the assigner', () => {
    expect(chooseAction(parse())).toBeNull()
  })

  test.each([
    [['--send', 'Fix it', '--priority', '5', '--target', 'dev', '--timeout', '60'], 'send'],
    [['--file', 'task.md', '--fresh'], 'file'],
    [['--send', 'Fix it', '--watch'], 'send'],
    [['--send', 'Fix it', '--result'], 'send'],
    [['--reassign', '42', '--to', 'dev'], 'reassign'],
    [['--retry-all'], 'retryAll'],
    [['--clear', '--days', '7'], 'clear'],
    [['--pause'], 'pause'],
    [['--pause', 'dev_w1'], 'pause'],
    [['--watch', '7'], 'watch'],
  ])('%j is %s', (args, action) => {
    expect(chooseAction(parse(...args))).toBe(action)
  })

  test.each([
    [['--send', 'x', '--cancel', '7'], 'Only one of --send and --cancel at a time.'],
    [['--send', 'x', '--watch', '7'], 'Only one of --send and --watch at a time.'],
    [['--retry', '1', '--retry-all'], 'Only one of --retry and --retry-all at a time.'],
    [['--watch'], '--watch needs the number of a prompt.'],
    [['--priority', '5'], '--priority goes with --send or --file.'],
    [['--cancel', '7', '--to', 'dev'], '--to goes with --reassign.'],
    [['--prompts', '--days', '7'], '--days goes with --clear.'],
  ])('%j is refused: %s', (args, sentence) => {
    expect(() => chooseAction(parse(...args))).toThrow(sentence)
  })

  test('a text that looks like an option is a text', () => {
    expect(parse('--send', '--fix the parser')).toEqual({ send: '--fix the parser' })
  })
})
