import { maskText } from '../core/masking.ts'

/**
 * The parameters of a statement as they may be stored: every text passes here on its way into either database, so
 * that no value of the vault gets there with an answer, a screen, an event or whatever comes later.
 */
export function maskedFor(sql: string, parameters: readonly unknown[]): readonly unknown[] {
  if (!isWriting(sql)) return parameters
  return parameters.map((each) => (typeof each === 'string' ? maskText(each) : each))
}

const isWriting = (sql: string) => sql.startsWith('insert') || sql.startsWith('update')
