import { createHash } from 'node:crypto'
import { Memory } from './memory.ts'

/** Raised when the rules below change: fingerprints of two versions are never compared. */
export const fingerprintVersion = 1

export interface Identified {
  errorType: string
  message: string
  source: string
}

/** What the same error has every time, letter by letter. 32 hexadecimal digits. */
export function identityOf({ errorType, message, source }: Identified): string {
  return digest([errorType, message, source])
}

/** What errors have in common that differ only in numbers, ids, paths and times. */
export function fingerprintOf({ errorType, message, source }: Identified): string {
  return `v${fingerprintVersion}:${digest([errorType, normalMessage(message), normalSource(source)])}`
}

/** The message with what differs from one time to the next as `<…>`. */
export function normalMessage(message: string): string {
  return replaceAll(message, variableParts).replace(/\s+/g, ' ').trim()
}

/**
 * The last two parts of a path: the folders above differ between machines. Line numbers and the digests that bundlers put into names
 * go; other digits in a name stay, `worker1.py` is not `worker2.py`.
 */
function normalSource(source: string): string {
  const place = source.replace(/(?::\d+){1,2}$/, '').replace(/[?#].*$/, '')
  const name = place.split(/[\\/]/).filter(Boolean).slice(-2).join('/')
  return name.replace(/([.-])(?=[0-9a-zA-Z_]*\d)[0-9a-zA-Z_]{8,32}(?=\.[a-z]{2,4}$)/, '$1<id>')
}

/** The same for the ends of a stack, where one way to fail differs from another. 32 hexadecimal digits. */
export function stackShape(stack: string | null): string {
  if (stack === null) return ''
  const ends = stack.length > 2 * shapeChars ? stack.slice(0, shapeChars) + stack.slice(-shapeChars) : stack
  const known = shapes.get(ends)
  if (known !== undefined) return known
  const shape = digest([replaceAll(ends, variableParts)])
  shapes.set(ends, shape)
  return shape
}

/** The same stacks come again and again, and to find out their shape takes longer than all the rest. */
const shapes = new Memory<string>(1_000)

const shapeChars = 1_000

/** In this order: what is inside of something else comes after it. */
const variableParts: readonly [RegExp, string][] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]{1,2000}/gi, '<url>'],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/g, '<email>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?/g, '<time>'],
  [/\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\b/g, '<time>'],
  [/(?<![\w.])[A-Za-z]:\\[^\s"'<>|:*?]{1,500}(?::\d+){0,2}/g, '<path>'],
  [/(?<![\w./>])(?:~|\.{1,2})?(?:\/[^\s"'`<>()[\]{},;:/]{1,255}){2,50}\/?(?::\d+){0,2}/g, '<path>'],
  [/\b0x[0-9a-f]{1,32}\b/gi, '<id>'],
  [/\b(?=[a-f]{0,64}\d)[0-9a-f]{8,64}\b/gi, '<id>'],
  [/\b(?=[A-Za-z_-]{0,64}\d)(?=[\d_-]{0,64}[A-Za-z])[A-Za-z0-9_-]{20,200}\b/g, '<id>'],
  [/(?:\d{1,3}\.){3}\d{1,3}\b/g, '<ip>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
]

function replaceAll(text: string, parts: readonly [RegExp, string][]): string {
  return parts.reduce((shorter, [pattern, word]) => shorter.replace(pattern, word), text)
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
}
