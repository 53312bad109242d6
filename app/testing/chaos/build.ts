import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from '../../core/paths.ts'

export interface BuiltProgram extends AsyncDisposable {
  path: string
}

export function buildAssigner(): Promise<BuiltProgram> {
  return buildProgram('app/testing/chaos/assigner-under-test.main.ts')
}

/**
 * One file of JavaScript from a program of the tests, named by its path from the project's root: it starts in
 * half the processor time of many files, and in a sixth of what tsx takes, which is most of the time of a run
 * with a thousand kills.
 */
export async function buildProgram(entry: string): Promise<BuiltProgram> {
  const name = basename(entry, '.main.ts')
  const path = join(packageRoot, 'dist/testing', `${name}-${process.pid}.mjs`)
  await build({
    entryPoints: [join(packageRoot, entry)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Native packages, and those that load others by name, stay where they are.
    external: ['better-sqlite3', 'node-pty', 'pg', 'pino', 'yaml'],
  })
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}
