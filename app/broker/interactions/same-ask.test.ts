import { describe, expect, test } from 'vitest'
import type { Dialog } from '../../core/dialog.ts'
import { shellAsk } from '../../patterns/testing.ts'
import { isDialogOf } from './same-ask.ts'

const width = 80
const told = (command: string) => ({ ...shellAsk(command), cwd: '/p' })

function drawn(tool: string, input: Record<string, string>): Dialog {
  return { kind: 'permission', tool, input, unsure: null, rows: [] as string[] } as Dialog
}

const shows = (command: string, rows: string) =>
  isDialogOf(told(command), drawn('Bash', { command: rows }), width)

describe('the dialog of a command', () => {
  const long = `echo ${'a'.repeat(60)} ${'b'.repeat(30)}`

  test.each([
    ['in one row', 'ls -l', 'ls -l'],
    ['of two lines', 'ls\n\nrm x', 'ls\n\nrm x'],
    ['that is wrapped where a row is full', long, `echo ${'a'.repeat(60)}\n${'b'.repeat(30)}`],
    ['that is broken within a word', 'x'.repeat(100), `${'x'.repeat(76)}\n${'x'.repeat(24)}`],
    ['without blanks at its end', 'ls  \nrm x\n', 'ls\nrm x'],
  ])('shows it %s', (_how, command, rows) => {
    expect(shows(command, rows)).toBe(true)
  })

  test.each([
    ['two lines for two words of one', 'echo hi rm -rf x', 'echo hi\nrm -rf x'],
    ['two words for one', 'rm -rf ab', 'rm -rf a b'],
    ['one word for two', 'echo rm x', 'echorm x'],
    ['two blanks for one', "rm 'a b'", "rm 'a  b'"],
    ['its beginning only', 'ls; rm x', 'ls;'],
    ['more than it', 'ls', 'ls; rm x'],
    ['nothing', 'ls', ''],
  ])('is not that of another: %s', (_how, command, rows) => {
    expect(shows(command, rows)).toBe(false)
  })
})

describe('the dialog of a file', () => {
  const edit = (path: string) => ({
    ...shellAsk('', { tool: 'edit', toolName: 'Edit', input: { paths: [path] } }),
    cwd: '/p',
  })

  test('names it as it is seen from the folder', () => {
    expect(isDialogOf(edit('/p/src/a.ts'), drawn('Edit', { file_path: 'src/a.ts' }), width)).toBe(true)
  })

  test('is not that of a file of the same name elsewhere', () => {
    expect(isDialogOf(edit('/p/src/a.ts'), drawn('Edit', { file_path: 'a.ts' }), width)).toBe(false)
  })
})
