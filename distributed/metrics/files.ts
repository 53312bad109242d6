import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'

/**
 * Reads what the kernel shows under `/proc` and `/sys`. Whatever is not there, or not for us, is null: machines
 * differ, and no reading of one figure may cost the others.
 */
export class KernelFiles {
  readonly #root: string

  /** `root` is `/`, or a folder that holds a recorded `proc` and `sys`. */
  constructor(root = '/') {
    this.#root = root.endsWith('/') ? root : `${root}/`
  }

  text(path: string): string | null {
    return this.bytes(path)?.toString('utf8') ?? null
  }

  /**
   * Good until the next file is read: all share one buffer. `readFileSync` asks for the size first, which these
   * files don't have, and takes half as long again.
   */
  bytes(path: string): Buffer | null {
    let file: number | undefined
    try {
      file = openSync(this.#root + path, 'r')
      return shared.subarray(0, readSync(file, shared))
    } catch {
      return null // that is the answer
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }

  number(path: string): number | null {
    const text = this.text(path)?.trim()
    const value = Number(text)
    return text !== undefined && text !== '' && Number.isFinite(value) ? value : null
  }

  /** Names in a folder, sorted as people would; none when it is not there. */
  names(path: string): string[] {
    try {
      return readdirSync(this.#root + path).toSorted(inOrder)
    } catch {
      return [] // that is the answer
    }
  }

  has(path: string): boolean {
    return existsSync(this.#root + path)
  }
}

/**
 * `zone2` before `zone10`. By hand, because the first comparison in a language maps 3 MB of its tables, for as long
 * as the process lives.
 */
function inOrder(a: string, b: string): number {
  const [before, number] = partsOf(a)
  const [otherBefore, otherNumber] = partsOf(b)
  if (before !== otherBefore) return before < otherBefore ? -1 : 1
  return number - otherNumber || (a < b ? -1 : 1)
}

function partsOf(name: string): [before: string, number: number] {
  const [, before = name, digits = '0'] = /^(\D*)(\d+)/.exec(name) ?? []
  return [before, Number(digits)]
}

/** More than any file that is read here; what is longer is cut. */
const shared = Buffer.alloc(64 * 1024)
