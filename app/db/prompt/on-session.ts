import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** Whether a prompt was given to this session: a name, of whichever node, or `node/name`. */
export function isOnSession(prompts: 'p' | 'above', session: string): RawBuilder<SqlBool> {
  const isNamed = (name: string) => sql<SqlBool>`${sql.ref(`${prompts}.session_name`)} = ${name}`
  const slash = session.indexOf('/')
  if (slash < 1) return isNamed(session)
  const keys = `${session.slice(0, slash).replace(/[\\%_]/g, '\\$&')}/%`
  const isOfNode = sql`${sql.ref(`${prompts}.session_key`)} like ${keys} escape '\\'`
  return sql<SqlBool>`(${isNamed(session)} or (${isNamed(session.slice(slash + 1))} and ${isOfNode}))`
}
