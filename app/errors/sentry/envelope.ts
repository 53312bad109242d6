import { isUtf8 } from 'node:buffer'
import { AppError } from '../../core/errors.ts'

export interface EnvelopeItem {
  type: string
  payload: Buffer
}

/** More items than an SDK puts into one envelope. */
const mostItems = 200

/**
 * The items of an envelope: a line of JSON about it, then for each item a line of JSON and its bytes, as long as
 * that line says or to the end of the line. Throws `invalid` when it is none.
 */
export function itemsOf(body: Buffer): EnvelopeItem[] {
  const head = lineAt(body, 0)
  jsonObject(body.subarray(0, head.end), 'header of the envelope')
  const items: EnvelopeItem[] = []
  let at = head.next
  while (at < body.length) {
    const line = lineAt(body, at)
    if (line.end === at) {
      at = line.next // an empty line between items
      continue
    }
    if (items.length >= mostItems)
      throw new AppError('invalid', `The envelope has more than ${mostItems} items.`)
    const { type, length } = jsonObject(body.subarray(at, line.end), 'header of an item')
    const { end, next } = payloadAt(body, line.next, length)
    items.push({ type: typeof type === 'string' ? type : '', payload: body.subarray(line.next, end) })
    at = next
  }
  return items
}

/** A JSON object in UTF-8. Throws `invalid`. */
export function jsonObject(bytes: Buffer, what: string): Record<string, unknown> {
  if (isUtf8(bytes)) {
    const value = parsed(bytes.toString())
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  }
  throw new AppError('invalid', `The ${what} is no JSON object.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // what is no JSON is no object either
  }
}

function payloadAt(body: Buffer, from: number, length: unknown): { end: number; next: number } {
  if (length === undefined || length === null) return lineAt(body, from)
  const isWhole = Number.isSafeInteger(length) && Number(length) >= 0
  const end = from + Number(length)
  if (!isWhole || end > body.length) throw new AppError('invalid', 'An item is shorter than its header says.')
  return { end, next: body[end] === newline ? end + 1 : end }
}

const newline = 10

function lineAt(body: Buffer, from: number): { end: number; next: number } {
  const found = body.indexOf(newline, from)
  return found < 0 ? { end: body.length, next: body.length } : { end: found, next: found + 1 }
}
