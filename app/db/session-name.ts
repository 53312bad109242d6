import { sql, type RawBuilder } from 'kysely'

/** For rows with `node` and `name`: one of these names, each `NAME` on any node or `NODE/NAME`. */
export function hasName(named: readonly string[]): RawBuilder<boolean> {
  if (named.length === 0) return sql`1 = 0`
  const wanted = sql.join(named)
  return sql`(name in (${wanted}) or node || '/' || name in (${wanted}))`
}
