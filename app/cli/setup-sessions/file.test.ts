import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'
import { readSessionsFile } from './file.ts'

const agents = ['claude', 'codex']
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-setup-'))
  path = join(folder, 'sessions.yaml')
  mkdirSync(join(folder, 'shop'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  writeFileSync(path, text)
  return readSessionsFile(path, agents)
}

describe('readSessionsFile', () => {
  test('the shipped example is valid', () => {
    const sessions = readSessionsFile(join(packageRoot, 'views/docs/sessions.example.yaml'), agents)

    expect(sessions.map(({ name, agent, tier }) => [name, agent, tier])).toEqual([
      ['architect', 'claude', 'manager'],
      ['dev_w1', 'claude', 'worker'],
      ['dev_w2', 'codex', 'worker'],
    ])
  })

  test('a short entry is a worker without tags; folders are relative to the file or to the home', () => {
    const [one, two] = read(
      'sessions:\n  - {name: a, agent: claude, dir: shop}\n  - {name: b, agent: codex, dir: "~"}\n',
    )

    expect(one).toEqual({
      name: 'a',
      agent: 'claude',
      dir: join(folder, 'shop'),
      tier: 'worker',
      tags: [],
      manager: null,
      args: [],
      env: {},
      secrets: [],
      line: 2,
    })
    expect(two?.dir).toBe(homedir())
  })

  test.each([
    ['sessions: []', 1, 'sessions: must list at least one session'],
    ['sessions:\n  - {name: a.b, agent: claude, dir: .}', 2, 'session 1, name: must be a name of letters'],
    [
      'sessions:\n  - {name: a, agent: claude, dir: .}\n  - {name: a, agent: claude, dir: .}',
      3,
      'name: "a" stands in line 2 already',
    ],
    [
      'sessions:\n  - name: a\n    agent: cloude\n    dir: .',
      2,
      'agent: must be one of claude, codex, not "cloude"',
    ],
    ['sessions:\n  - {name: a, agent: claude, dir: /nowhere/x}', 2, 'dir: there is no folder /nowhere/x'],
    ['sessions:\n  - name: a\n    agent: claude\n    dir: .\n    tier: boss', 5, 'session 1, tier: '],
    ['sessions:\n  - name: a\n    agent: claude\n    dir: .\n    colour: red', 2, 'session 1: '],
    ['sessions: [', 1, ''],
  ])('%j is refused with line %i and what must stand there', (text, line, sentence) => {
    expect(() => read(text)).toThrow(`${path}, line ${line}: ${sentence}`)
  })

  test('a missing file is named', () => {
    expect(() => readSessionsFile('/nowhere/sessions.yaml', agents)).toThrow(
      'Cannot read /nowhere/sessions.yaml',
    )
  })
})
