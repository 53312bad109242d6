import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** More words than these narrow nothing down. */
const mostWords = 8

/** One condition for each word: it stands somewhere in this text, whatever its case. */
export function likeWords(text: RawBuilder<unknown>, words = ''): RawBuilder<SqlBool>[] {
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, mostWords)
    .map((word) => sql<SqlBool>`lower(${text}) like ${`%${escaped(word)}%`} escape '\\'`)
}

const escaped = (word: string) => word.replace(/[\\%_]/g, String.raw`\$&`)
