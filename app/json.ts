/*
 * Views of the core as programs read them, in `--json` and over HTTP: the same words in snake_case, times as
 * epoch ms. What people put in themselves (metadata, an event's data) keeps its own keys.
 */

export function toJson<T>(value: T): Json<T> {
  return renamed(value, snakeCase) as Json<T>
}

/** What `toJson` made, as it was; only for what was made so, whose keys are field names and no words of people. */
export function fromJson<T>(json: Json<T>): T {
  return renamed(json, camelCase) as T
}

/** The type of `toJson`'s result. */
export type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends object
    ? { [K in keyof T as SnakeCase<K>]: K extends Opaque ? T[K] : Json<T[K]> }
    : T

type Opaque = 'metadata' | 'data' | 'env'

type SnakeCase<K> = K extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : K

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, rename))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      rename(key),
      isOpaque(key) ? inner : renamed(inner, rename),
    ]),
  )
}

const isOpaque = (key: string) => key === 'metadata' || key === 'data' || key === 'env'

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
