/** JSON as text, the same column in both dialects; `T` is what stands in it. */
export type Json<T> = string & { readonly json: T }

/** Truth as 0 or 1: SQLite has nothing else. */
export type Flag = 0 | 1

export function toJson<T>(value: T): Json<T> {
  return JSON.stringify(value) as Json<T>
}

export function toNullableJson<T>(value: T | null): Json<T> | null {
  return value === null ? null : toJson(value)
}

/** What `toJson` stored; the two commonest values cost no parsing. */
export function fromJson<T>(json: Json<T>): T {
  const text: string = json
  if (text === '{}') return {} as T
  return (text === '[]' ? [] : JSON.parse(text)) as T
}

export function fromNullableJson<T>(json: Json<T> | null): T | null {
  return json === null ? null : fromJson(json)
}

export function toFlag(value: boolean): Flag {
  return value ? 1 : 0
}
