/** What a field was and what it is; texts shortened, because the log of events is no place for many pages. */
export type ChangedFields = Record<string, [from: unknown, to: unknown]>

/** The fields that differ between two states of one thing, by their names. */
export function changedFields<T extends object>(before: T, after: T): ChangedFields {
  const fields: ChangedFields = {}
  for (const [field, to] of Object.entries(after) as [keyof T & string, unknown][]) {
    const from: unknown = before[field]
    if (JSON.stringify(from) !== JSON.stringify(to)) fields[field] = [shown(from), shown(to)]
  }
  return fields
}

const shownChars = 300

function shown(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === undefined || text.length <= shownChars) return value
  return `${text.slice(0, shownChars)}…`.toWellFormed()
}
