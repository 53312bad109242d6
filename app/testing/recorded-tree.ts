import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../core/paths.ts'

/** A recorded machine, unpacked: what the kernel showed there, to be read and changed. */
export interface RecordedTree extends Disposable {
  root: string
  write(path: string, content: string | Buffer): void
  remove(path: string): void
}

export function unpackTree(name: string): RecordedTree {
  const root = mkdtempSync(join(tmpdir(), 'architect-tree-'))
  const file = join(packageRoot, 'distributed/metrics/recorded', `${name}.tree`)
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  for (const part of readFileSync(file, 'utf8').split(/^== /m).slice(1)) {
    const end = part.indexOf('\n')
    write(part.slice(0, end), part.slice(end + 1))
  }
  return {
    root,
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}
