/** JSON as text: the same column in both dialects. */
export type Json = string & { readonly json: unique symbol }

/** Truth as 0 or 1: SQLite has nothing else. */
export type Flag = 0 | 1

export function toJson(value: unknown): Json {
  return JSON.stringify(value) as Json
}

export function toNullableJson(value: unknown): Json | null {
  return value === null || value === undefined ? null : toJson(value)
}

/** What `toJson` stored; the two commonest values cost no parsing. */
export function fromJson<T>(json: Json): T {
  if (json === '{}') return {} as T
  return (json === '[]' ? [] : JSON.parse(json)) as T
}

export function fromNullableJson<T>(json: Json | null): T | null {
  return json === null ? null : fromJson<T>(json)
}

export function toFlag(value: boolean): Flag {
  return value ? 1 : 0
}
