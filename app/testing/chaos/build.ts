import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from '../../core/paths.ts'

export interface BuiltProgram extends AsyncDisposable {
  path: string
}

/**
 * One file of JavaScript from the assigner under test: it starts in half the processor time of many files, and
 * in a sixth of what tsx takes, which is most of the time of a run with a thousand kills.
 */
export async function buildAssigner(): Promise<BuiltProgram> {
  const path = join(packageRoot, 'dist/testing', `assigner-under-test-${process.pid}.mjs`)
  await build({
    entryPoints: [join(packageRoot, 'app/testing/chaos/assigner-under-test.main.ts')],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Native packages, and those that load others by name, stay where they are.
    external: ['better-sqlite3', 'pg', 'pino', 'yaml'],
  })
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}
