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
    // As the product is built: what is slow to load file by file comes along, everything else stays where it is.
    packages: 'external',
    alias: {
      kysely: './node_modules/kysely/dist/esm/index.js',
      zod: './node_modules/zod/index.js',
      yaml: './node_modules/yaml/browser/dist/index.js',
    },
    absWorkingDir: packageRoot,
  })
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}
