/**
 * What `--json` prints of a view of the core: the same words in snake_case, times as epoch ms. What people
 * put in themselves (metadata, an event's data) keeps its own keys.
 */
export function toJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJson)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [snakeCase(key), isOpaque(key) ? inner : toJson(inner)]),
  )
}

const isOpaque = (key: string) => key === 'metadata' || key === 'data' || key === 'env'

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
