import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../core/paths.ts'
import { importsOf, sourceFiles, specifiersOf } from './imports.ts'

/**
 * Who may import whom, folder by folder; a folder may always import itself. Entry points and tests may import
 * anything and are imported by nobody.
 */
const mayImport: Record<string, string[]> = {
  'app/core': [],
  'app/db': ['app/core', 'migrations'],
  migrations: ['app/core', 'app/db'],
  'app/agents': ['app/core'],
  'app/hosts': ['app/core'],
  'app/patterns': ['app/core'],
  'app/errors': ['app/core', 'app/db'],
  'app/files': ['app/core', 'app/db'],
  'app/sources': ['app/core', 'app/db', 'app/work', 'app'],
  'app/work': ['app/core', 'app/db', 'app/broker', 'app/errors', 'app'],
  'app/suggestions': ['app/core', 'app/db', 'app/sources', 'app/tasks', 'app/work', 'app'],
  'app/suites': ['app/core', 'app/db', 'app'],
  'app/broker': ['app/core', 'app/db', 'app/agents', 'app/patterns'],
  'app/mcp': ['app/core', 'app/db', 'app/broker', 'app/errors', 'app'],
  'app/accounts': ['app/core', 'app/db', 'app'],
  'app/vault': ['app/core', 'app/db', 'app'],
  'app/tasks': ['app/core', 'app/db', 'app/vault', 'app'],
  'app/http': [
    'app/core',
    'app/db',
    'app/agents',
    'app/broker',
    'app/accounts',
    'app/mcp',
    'app/launch',
    'app/nodes',
    'app/vault',
    'app/errors',
    'app/files',
    'app/sources',
    'app/suggestions',
    'app/suites',
    'app/work',
    'app/tasks',
    'app',
  ],
  'app/live': ['app/core', 'app/db', 'app/broker', 'app/http', 'app/accounts', 'app/nodes', 'app'],
  'app/hooks': ['app/core', 'app/agents'],
  'app/launch': ['app/core', 'app/db', 'app/accounts', 'app/hooks', 'app'],
  'app/nodes': ['app/core', 'app/db', 'distributed', 'app'],
  workers: [
    'app/core',
    'app/db',
    'app/accounts',
    'app/agents',
    'app/hosts',
    'app/broker',
    'app/hooks',
    'app/nodes',
    'app/sources',
    'app/vault',
    'app/tasks',
    'app',
    'distributed',
  ],
  orchestrator: ['app/core', 'app/db', 'app/broker', 'app'],
  distributed: ['app/core', 'app/hosts', 'app/agents', 'app/hooks', 'app'],
  app: ['app/core'],
}

const importsAnything = (file: string) =>
  file.endsWith('.main.ts') ||
  file.endsWith('.test.ts') ||
  file === 'app/context.ts' ||
  file === 'app/records.ts' || // the part of the context that needs the database only
  /^app\/(cli|testing)\//.test(file) ||
  file.endsWith('.contract.ts')

describe('import directions', () => {
  test('every file imports only what its folder may import', () => {
    const files = sourceFiles().filter((file) => !importsAnything(file))

    const violations = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => isProjectFile(target) && !isAllowed(file, target))
        .map((target) => `${file} → ${target}`),
    )

    expect(violations).toEqual([])
  })

  test('the core imports zod and Node builtins only', () => {
    const files = sourceFiles().filter((file) => file.startsWith('app/core/') && !file.endsWith('.test.ts'))

    const violations = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !isProjectFile(target) && target !== 'zod' && !target.startsWith('node:'))
        .map((target) => `${file} → ${target}`),
    )

    expect(violations).toEqual([])
  })

  test('nobody but a test imports a test or the testing tools', () => {
    const files = sourceFiles().filter(
      (file) => !file.startsWith('app/testing/') && !file.endsWith('.test.ts'),
    )

    const violations = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('app/testing/') || target.endsWith('.test.ts'))
        .filter(() => !file.endsWith('.contract.ts'))
        .map((target) => `${file} → ${target}`),
    )

    expect(violations).toEqual([])
  })

  test('nobody imports an entry point', () => {
    const violations = sourceFiles().flatMap((file) =>
      importsOf(file)
        .filter((target) => target.endsWith('.main.ts'))
        .map((target) => `${file} → ${target}`),
    )

    expect(violations).toEqual([])
  })
})

describe('specifiersOf', () => {
  test.each([
    ["import { a } from './a.ts'", ['./a.ts']],
    ["import './a.ts'", ['./a.ts']],
    ["import type { A } from '../core/a.ts'", ['../core/a.ts']],
    ["import a, { type B,\n  c } from './a.ts'", ['./a.ts']],
    ["import * as a from './a.ts'", ['./a.ts']],
    ["export { a } from './a.ts'", ['./a.ts']],
    ["export * from './a.ts'", ['./a.ts']],
    ["const a = await import('./a.ts')", ['./a.ts']],
    ["// import './a.ts'\n/* import './b.ts' */", []],
    ["const address = 'https://x' // import './a.ts'\nimport './b.ts'", ['./b.ts']],
    ['export const from = 1', []],
  ])('%j imports %j', (source, expected) => {
    expect(specifiersOf(source)).toEqual(expected)
  })
})

test('importing a file that is no entry point does nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'architect-import-'))
  const program = join(folder, 'import-all.mjs')
  const files = sourceFiles().filter(
    (file) => !/\.(main|test|contract)\.ts$/.test(file) && !isTestingOnly(file),
  )
  writeFileSync(program, files.map((file) => `import ${JSON.stringify(addressOf(file))}`).join('\n'))

  const output = execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), program], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ARCHITECT_DATA: join(folder, 'data') },
    encoding: 'utf8',
  })

  expect(output).toBe('')
  expect(readdirSync(folder)).toEqual(['import-all.mjs'])
  rmSync(folder, { recursive: true })
})

const addressOf = (file: string) => pathToFileURL(join(packageRoot, file)).href
const isTestingOnly = (file: string) => file.startsWith('app/testing/')
const isProjectFile = (target: string) => /^(app|workers|distributed|orchestrator|migrations)\//.test(target)

function isAllowed(file: string, target: string): boolean {
  const from = folderOf(file)
  const to = folderOf(target)
  return from === to || (mayImport[from] ?? []).includes(to)
}

/** The innermost folder of the table that a file lies in. */
function folderOf(file: string): string {
  const parts = file.split('/')
  const two = parts.slice(0, 2).join('/')
  return parts.length > 2 && two in mayImport ? two : (parts[0] ?? '')
}
