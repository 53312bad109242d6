import { createHash } from 'node:crypto'

/** By which both sides know a text without sending it. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
