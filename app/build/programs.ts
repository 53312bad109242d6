import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { packageRoot } from '../core/paths.ts'

/** Everything but the node agent: programs that share what they have in common on the disk. */
export async function buildPrograms(folder: string): Promise<void> {
  await build({
    ...common,
    entryPoints: ['app/*.main.ts', 'workers/*.main.ts'],
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
    sourcemap: true,
  })
}

/**
 * The node agent, which has to be small: its packages are within, without the parts that it never uses. V8 keeps
 * the text of a program for good, with two bytes a letter as soon as one of them is not Latin.
 */
export async function buildNodeAgent(folder: string): Promise<void> {
  const { outputFiles } = await build({
    ...common,
    entryPoints: ['distributed/node-agent.main.ts'],
    outdir: folder,
    chunkNames: 'chunks/node-agent-[name]-[hash]',
    external: compiled,
    alias: { ...common.alias, 'jsonc-parser': './node_modules/jsonc-parser/lib/esm/main.js', ...left },
    banner: { js: requireForPackages },
    minifyWhitespace: true,
    minifySyntax: true,
    // A line of an error's stack still says where it was.
    lineLimit: 200,
    write: false,
  })
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, inAscii(text))
  }
}

/** Nobody reads zod by its namespace: only so does esbuild see that 50 languages are never used. */
const zodByParts: Plugin = {
  name: 'zod by parts',
  setup(building) {
    building.onLoad(
      { filter: /\/(app|workers|distributed|orchestrator|migrations)\/.*\.ts$/ },
      ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
        loader: 'ts',
      }),
    )
  },
}

const common = {
  absWorkingDir: packageRoot,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outbase: '.',
  logLevel: 'warning',
  plugins: [zodByParts],
  // Their modules for browsers and bundlers; those for Node are one file each.
  alias: {
    kysely: './node_modules/kysely/dist/esm/index.js',
    zod: './node_modules/zod/index.js',
    yaml: './node_modules/yaml/browser/dist/index.js',
  },
} satisfies BuildOptions

const compiled = ['better-sqlite3', 'node-pty', 'systeminformation']

/** It speaks over WebSockets only, writes its log itself, and nobody reads what its packages say for debugging. */
const left = Object.fromEntries(
  ['debug', 'xmlhttprequest-ssl', 'thread-stream'].map((name) => [
    name,
    join(packageRoot, 'app/build/node-agent', `no-${name}.ts`),
  ]),
)

const requireForPackages =
  "import { createRequire as createRequireForPackages } from 'node:module'; const require = createRequireForPackages(import.meta.url);"

/** esbuild escapes all but what stands in regular expressions, where an escape means the same. */
function inAscii(text: string): string {
  return text.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
