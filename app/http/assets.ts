import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { packageRoot } from '../core/paths.ts'

/** The only files of packages that a browser gets: where they are served, and where they lie. */
export const vendorFiles: Readonly<Record<string, string>> = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'tabler.css': '@tabler/core/dist/css/tabler.min.css',
  'socket.io.js': 'socket.io-client/dist/socket.io.esm.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'xterm.css': '@xterm/xterm/css/xterm.css',
  'xterm.js': '@xterm/xterm/lib/xterm.mjs',
  'addon-fit.js': '@xterm/addon-fit/lib/addon-fit.mjs',
  'addon-web-links.js': '@xterm/addon-web-links/lib/addon-web-links.mjs',
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

export type Encoding = 'br' | 'gzip' | 'identity'

export interface Asset {
  type: string
  /** Compressed once for each encoding that somebody asked for. */
  bytes(encoding: Encoding): Promise<Buffer>
}

/** Everything that browsers load beside pages, in memory; `version` changes with any byte of it. */
export interface Assets {
  version: string
  /** `css/architect.css`, `vendor/htmx.js`. */
  find(name: string): Asset | undefined
  /** A module and all that it imports before it runs: asked for together, they need not wait for each other. */
  modules(name: string): readonly string[]
}

/** Reads `public/` and the packages' files. Throws when one is missing: the installation is broken. */
export function loadAssets(root: string = packageRoot): Assets {
  const files = [...publicFiles(join(root, 'public')), ...packageFiles(root)]
  const hash = createHash('sha256')
  const assets = new Map<string, Asset>()
  const imports = new Map<string, string[]>()
  for (const [name, content] of files) {
    const type = types[extname(name)]
    if (type === undefined) continue
    hash.update(name).update('\0').update(content)
    assets.set(name, { type, bytes: compressed(content) })
    if (name.startsWith('js/')) imports.set(name, importsOf(content.toString()))
  }
  return {
    version: hash.digest('base64url').slice(0, 12),
    find: (name) => assets.get(name),
    modules: (name) => [...reached(name, imports)],
  }
}

/** Names of assets that a module of ours imports when it is loaded. */
function importsOf(code: string): string[] {
  const froms = code.matchAll(/^import (?:[^'"]+ from )?'(\.[^']+)'$/gm)
  return [...froms].map(([, path]) => posix.join('js', path!))
}

function reached(name: string, imports: Map<string, string[]>, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const imported of imports.get(name) ?? []) reached(imported, imports, found)
  return found
}

function publicFiles(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)])
}

/** Found where Node finds them, which need not be the folder beside ours. */
function packageFiles(root: string): [string, Buffer][] {
  const { resolve } = createRequire(join(root, 'package.json'))
  return Object.entries(vendorFiles).map(([name, path]) => {
    const [scope = '', second = ''] = path.split('/')
    const owner = scope.startsWith('@') ? `${scope}/${second}` : scope
    const folders = (resolve.paths(owner) ?? []).map((folder) => join(folder, path))
    return [`vendor/${name}`, readFirst(folders, owner)]
  })
}

function readFirst(paths: string[], owner: string): Buffer {
  for (const path of paths) {
    try {
      return readFileSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`The package ${owner} is not installed; run npm ci.`)
}

function compressed(content: Buffer): Asset['bytes'] {
  const made = new Map<Encoding, Promise<Buffer>>()
  return (encoding) => {
    let bytes = made.get(encoding)
    if (!bytes) made.set(encoding, (bytes = compressors[encoding](content)))
    return bytes
  }
}

const compressors: Record<Encoding, (content: Buffer) => Promise<Buffer>> = {
  // Quality 9 of 11: the two above take five times as long for a hundredth less.
  br: (content) => promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (content) => promisify(gzip)(content),
  identity: (content) => Promise.resolve(content),
}
