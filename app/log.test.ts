import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { openLog } from './log.ts'
import { openLogFile } from './log-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('openLog', () => {
  test('a process writes JSON lines with its name and pid to a file of its own', () => {
    using log = openLog(readConfig({ ARCHITECT_DATA: folder }), 'assigner')

    log.json.info({ prompt: 7 }, 'claimed')

    const line = JSON.parse(readFileSync(join(folder, 'logs/assigner.log'), 'utf8'))
    expect(line).toMatchObject({ process: 'assigner', pid: process.pid, prompt: 7, msg: 'claimed' })
  })

  test('a thing that was done is one readable line, shown as well where somebody looks', () => {
    const shown: string[] = []
    using log = openLog(readConfig({ ARCHITECT_DATA: folder }), 'assigner', (line) => shown.push(line))

    log.progress('prompt 7 completed by dev_w1 in 6:12')

    expect(readFileSync(join(folder, 'logs/progress.log'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d prompt 7 completed by dev_w1 in 6:12\n$/,
    )
    expect(shown).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d prompt 7 completed by dev_w1 in 6:12$/)])
  })
})

describe('openLogFile', () => {
  test('a log never grows past its limit by more than a line, and three older ones are kept', () => {
    const path = join(folder, 'x.log')
    const file = openLogFile(path, { maxBytes: 100 })

    for (let line = 0; line < 100; line++) file.write(`line ${String(line).padStart(3, '0')}\n`)
    file.close()

    expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2', 'x.log.3'])
    expect(Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).size))).toBeLessThan(
      110,
    )
    expect(readFileSync(path, 'utf8')).toContain('line 099')
  })

  test('two processes that share a log lose no line when one of them rotates it', () => {
    const path = join(folder, 'x.log')
    const one = openLogFile(path, { maxBytes: 100 })
    const two = openLogFile(path, { maxBytes: 100 })

    for (let line = 0; line < 30; line++) (line % 2 ? one : two).write(`line ${line}\n`)
    one.close()
    two.close()

    const kept = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
    expect(kept.split('\n').filter(Boolean)).toHaveLength(30)
  })
})
