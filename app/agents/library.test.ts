import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../core/paths.ts'
import { loadLibrary, parseRules } from './library.ts'
import { readScreen } from './screen.ts'

const guide = readFileSync(join(packageRoot, 'views/docs/agents.md'), 'utf8')
const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? ''

function dataDirWith(name: string, text: string): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-agents-'))
  mkdirSync(join(dataDir, 'agents'))
  writeFileSync(join(dataDir, 'agents', name), text)
  return dataDir
}

describe('loadLibrary', () => {
  test('the built-in kinds are there without a data folder', () => {
    expect([...loadLibrary().keys()]).toEqual(['claude', 'codex', 'gemini', 'opencode'])
  })

  test('a user adds an agent with the example of the documentation, and it is read', () => {
    const library = loadLibrary(dataDirWith('parrot.yaml', example))
    const line = '─'.repeat(20)
    const screen = {
      rows: ['> hello', 'hello!', '', line, '> \u001b[2mSay something\u001b[0m', line, 'parrot v1'],
      title: 'parrot: home',
      command: 'node',
      width: 20,
      height: 8,
      cursor: { x: 2, y: 4, visible: true },
      alternate: false,
      dead: false,
    }

    expect(readScreen(library, screen)).toMatchObject({
      agent: 'parrot',
      rule: 'parrot/idle',
      acceptsPrompt: true,
    })
    expect(readScreen(library, { ...screen, title: 'parrot: working' }).state).toBe('busy')
    expect(readScreen(library, { ...screen, title: '' }).agent).not.toBe('parrot')
  })

  test('a file with the name of a built-in kind replaces it', () => {
    const own = example.replace('kind: parrot', 'kind: claude')

    const library = loadLibrary(dataDirWith('claude.yaml', own))

    expect(library.get('claude')?.launch.start).toEqual(['parrot'])
    expect(library.size).toBe(4)
  })
})

describe('a mistake in a rule file', () => {
  test.each([
    ['a broken pattern', "title: '^parrot: '", "title: '^(parrot'", /regular expression/],
    ['an unknown state', 'state: busy', 'state: bussy', /rules\.1\.state: .*"idle"/],
    ['an unknown key', 'turnStart:', 'turnsStart:', /turnStart|turnsStart/],
    ['a wrong region', '{ in: dialog, text', '{ in: dialogue, text', /rules\.0\.when\.1\.in: .*"dialog"/],
    [
      'a guard that tmux cannot take',
      "guards: ['^>'",
      "guards: ['^>:'",
      /delivery\.guards\.0: must not contain/,
    ],
    ['a kind that is not the file', 'kind: parrot', 'kind: parakeet', /kind: must be "parrot"/],
    ['a number for a word', 'says: asks whether a tool may run', 'says: 7', /rules\.0\.says: .*string/],
    ['no YAML', 'signs: #', 'signs: [ #', /line \d+: /],
  ])('%s names file, line and what must stand there', (_what, right, wrong, sentence) => {
    const broken = example.replace(right, wrong)
    const complain = () => parseRules(broken, 'data/agents/parrot.yaml')

    expect(broken).not.toBe(example)
    expect(complain).toThrow(/^data\/agents\/parrot\.yaml, line \d+: /)
    expect(complain).toThrow(sentence)
  })

  test('the line is that of the mistake', () => {
    const broken = example.replace('state: busy', 'state: bussy')
    const line = broken.split('\n').findIndex((row) => row.includes('bussy')) + 1

    expect(() => parseRules(broken, 'parrot.yaml')).toThrow(`parrot.yaml, line ${line}: rules.1.state`)
  })
})

test('every key that a rule file can have is explained in the documentation', () => {
  const keys = [...example.matchAll(/^\s*(?:- )?([a-zA-Z]+):/gm)].map(([, name]) => name ?? '')

  const unexplained = keys.filter((name) => !guide.replace(example, '').includes(name))

  expect(unexplained).toEqual([])
})
