/** A word as every POSIX shell reads it: nothing means anything between single quotes, but a single quote. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
