import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readHierarchy, shippedHierarchy } from './rules-file.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-hierarchy-'))
  path = join(folder, 'hierarchy.yaml')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('without a file the shipped rules hold; a section of the file replaces that section, as soon as it changed', () => {
  const before = readHierarchy(folder)
  writeFileSync(path, 'send:\n  - {from: [person, worker], to: everybody}\n')
  const after = readHierarchy(folder)
  writeFileSync(path, 'delegation: {depth: 2, open_children: 3, children: 4}\n')
  utimesSync(path, 1, 1)
  const later = readHierarchy(folder)

  expect(before).toEqual(shippedHierarchy())
  expect(after).toEqual({ ...before, send: [{ from: ['person', 'worker'], to: ['everybody'] }] })
  expect(later.delegation).toEqual({ depth: 2, open_children: 3, children: 4 })
  expect(later.send).toEqual(before.send)
})

test.each([
  ['send:\n  - {from: boss, to: worker}', 2, 'send.0.from'],
  ['send:\n  - from: worker\n    to: everybody\n    kind: [code]', 2, 'send.0'],
  ['at_once:\n  high_level: 1\n  manager: 0\n  worker: 1\n  per_manager: 1', 3, 'at_once.manager'],
  ['route:\n  code: {tier: boss}', 2, 'route.code'],
  ['rout: {}', 1, 'the file'],
  ['send: [', 1, ''],
])('%j is refused with line %i and what is wrong there', (text, line, what) => {
  writeFileSync(path, text)

  expect(() => readHierarchy(folder)).toThrow(`${path}, line ${line}: ${what}`)
})
