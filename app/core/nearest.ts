/** So many names are offered at most. */
const offered = 5

/** A sentence with the names that are nearest to a wrong one. */
export function nearest(wanted: string, names: string[]): string {
  if (names.length === 0) return 'There is none at all.'
  const sorted = names.toSorted(
    (a, b) => editDistance(wanted, a) - editDistance(wanted, b) || a.localeCompare(b),
  )
  const [first] = sorted
  if (first !== undefined && editDistance(wanted, first) <= 2) return `Did you mean "${first}"?`
  const more = sorted.length > offered ? `, and ${sorted.length - offered} more` : ''
  return `There are: ${sorted.slice(0, offered).join(', ')}${more}.`
}

/** Least number of letters to put in, take out or replace (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
