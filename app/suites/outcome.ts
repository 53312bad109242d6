/** What a step brought: `status`, `json`, `stdout`, …; expectations and captures name places in it. */
export type Outcome = Record<string, unknown>

/** `json.items.0.name` in an outcome; undefined: nothing is there. A key with dots in it is written `["a.b"]`. */
export function valueAt(outcome: Outcome, path: string): unknown {
  let value: unknown = outcome
  for (const part of partsOf(path)) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

function partsOf(path: string): string[] {
  const parts = path.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)
  return [...parts].map(([, quoted, index, plain]) => quoted ?? index ?? plain ?? '')
}

/** As people read it in a sentence: JSON, cut. */
export function shown(value: unknown, mostChars = 200): string {
  const text = value === undefined ? 'missing' : (JSON.stringify(value) ?? 'nothing that can be shown')
  return text.length <= mostChars
    ? text
    : `${text.slice(0, mostChars).toWellFormed()}… (${text.length} characters)`
}
