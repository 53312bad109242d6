import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scanTree } from '../../sources/scan/scan-tree.ts'
import type { Row } from './results.ts'

const fileCount = 100_000
const perFolder = 200
/** One file in so many has something to be done in it. */
const oneIn = 50

/** How long 100,000 files of some 2 kB take in a folder with a repository and in one without, warm. */
export async function benchScan(): Promise<Row[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'architect-bench-scan-')))
  try {
    makeTree(root)
    const plain = await time(root, 'A folder without a repository')
    spawnSync('git', ['-C', root, 'init', '-q'])
    spawnSync('git', ['-C', root, 'add', '.'])
    return [await time(root, 'A repository'), plain]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function makeTree(root: string) {
  const body = 'export const value = compute("text", 42) // as it was\n'.repeat(40)
  for (let n = 0; n < fileCount; n += 1) {
    const folder = join(root, `part-${Math.floor(n / perFolder)}`)
    if (n % perFolder === 0) mkdirSync(folder)
    const todo = n % oneIn === 0 ? `// TODO: look at ${n}\n` : ''
    writeFileSync(join(folder, `module-${n}.ts`), `${todo}${body}`)
  }
}

async function time(root: string, what: string): Promise<Row> {
  const begun = performance.now()
  const { counts, comments } = await scanTree(root)
  const seconds = (performance.now() - begun) / 1_000
  if (counts.read !== fileCount || comments.length !== fileCount / oneIn) {
    throw new Error(`${counts.read} files were read, ${comments.length} comments found`)
  }
  const rate = Math.round(fileCount / seconds).toLocaleString('en')
  return {
    what: `${what} of ${fileCount.toLocaleString('en')} files is scanned for what is to be done`,
    measured: `${seconds.toFixed(1)} s, ${rate} files/s`,
    target: '≤ 20 s',
    ok: seconds <= 20,
  }
}
