import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of a test's own with files in it; gone when it is disposed of. */
export interface SourceTree extends Disposable {
  /** Its real path. */
  root: string
  write(file: string, text: string | Buffer): void
  /** Runs git in it, as nobody in particular. */
  git(...args: string[]): string
  gitIn(folder: string, ...args: string[]): string
}

export function makeSourceTree(files: Record<string, string | Buffer> = {}): SourceTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'architect-tree-')))
  const write = (file: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const git = (folder: string, args: string[]) =>
    execFileSync('git', ['-C', join(root, folder), ...anybody, ...args], { encoding: 'utf8' })
  return {
    root,
    write,
    git: (...args) => git('.', args),
    gitIn: (folder, ...args) => git(folder, args),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

const anybody = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'init.defaultBranch=main']
