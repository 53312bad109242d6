/**
 * Whether two locked paths can mean the same file. A path covers itself and everything below it, so that a
 * folder is locked by its name; `*` and `?` stand for a part of one name, `**` for any number of folders.
 * Compared without regard to case and to how accents are composed: on some file systems these are the same file.
 */
export function pathsOverlap(one: string, other: string): boolean {
  const a = partsOf(one)
  const b = partsOf(other)
  return isPlain(a) && isPlain(b) ? beginsAlike(a, b) : canMeet(a, b)
}

const anyFolders = '**'

function partsOf(path: string): string[] {
  const folded = path.normalize('NFC').toLowerCase()
  return [...folded.split('/').filter((part) => part !== '' && part !== '.'), anyFolders]
}

function isPlain(parts: readonly string[]): boolean {
  return parts.every((part, index) => index === parts.length - 1 || !/[*?]/.test(part))
}

/** Both end in `**`: they meet when the shorter one is the beginning of the longer one. */
function beginsAlike(a: readonly string[], b: readonly string[]): boolean {
  const shorter = Math.min(a.length, b.length) - 1
  return a.slice(0, shorter).every((part, index) => part === b[index])
}

/** Each pair of positions is looked at once. */
function canMeet(a: readonly string[], b: readonly string[]): boolean {
  return search(a, b, (part) => part === anyFolders, namesMeet)
}

function namesMeet(a: string, b: string): boolean {
  return search(Array.from(a), Array.from(b), (sign) => sign === '*', signsMeet)
}

function signsMeet(a: string, b: string): boolean {
  return a === b || a === '?' || b === '?'
}

/** Whether two patterns have a common reading; `isAny` says which of their pieces stand for any number of pieces. */
function search<T>(
  a: readonly T[],
  b: readonly T[],
  isAny: (piece: T) => boolean,
  meet: (a: T, b: T) => boolean,
): boolean {
  // reach[j]: the pieces of `a` so far and the first j of `b` have a common reading.
  let reach = Array.from({ length: b.length + 1 }, (_, j) => b.slice(0, j).every(isAny))
  for (const piece of a) {
    const next: boolean[] = [reach[0]! && isAny(piece)]
    for (let j = 1; j <= b.length; j++) {
      const other = b[j - 1]!
      next[j] = isAny(piece) || isAny(other) ? reach[j]! || next[j - 1]! : reach[j - 1]! && meet(piece, other)
    }
    reach = next
  }
  return reach[b.length]!
}
