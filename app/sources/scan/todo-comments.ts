import { foundLimits, type TodoComment, type TodoMarker } from '../../core/found-work.ts'
import type { CommentSyntax } from './comment-syntax.ts'

/**
 * Comments of one file in which a marker leads a line, or is followed by a colon or by a name in brackets: `TODO`
 * in the middle of a sentence tells of work, it does not ask for any. Time grows with the length of the text.
 */
export function todoComments(text: string, file: string, syntax: CommentSyntax): TodoComment[] {
  const found: TodoComment[] = []
  const lines = new LineCounter(text)
  for (const comment of commentsOf(text, syntax)) {
    for (const { at, marker, owner, said } of markersIn(text, comment)) {
      found.push({ marker, file, line: lines.lineAt(at), text: said, owner })
      if (found.length >= foundLimits.perFile) return found
    }
  }
  return found
}

interface Span {
  start: number
  end: number
}

/** Strings are stepped over; one that never ends is taken for a lonely quote, as in `it's` or a lifetime. */
function* commentsOf(text: string, syntax: CommentSyntax): Generator<Span> {
  const openers = openersOf(syntax)
  const lineEnd = lineEndsOf(text)
  const next = new RegExp(openers.map(({ open }) => escapeRegExp(open)).join('|'), 'g')
  for (let match = next.exec(text); match; match = next.exec(text)) {
    const opener = openers.find(({ open }) => open === match[0])!
    const inside = match.index + opener.open.length
    const end = opener.isString
      ? endOfString(text, inside, opener, lineEnd(inside))
      : endOfComment(text, inside, opener)
    if (!opener.isString) yield { start: inside, end }
    next.lastIndex = Math.max(end, inside)
  }
}

interface Opener {
  open: string
  /** null: the end of the line. */
  close: string | null
  isString: boolean
  isOneLine: boolean
}

function openersOf({ line, block, strings }: CommentSyntax): Opener[] {
  const all = [
    ...line.map((open) => ({ open, close: null, isString: false, isOneLine: true })),
    ...block.map(([open, close]) => ({ open, close, isString: false, isOneLine: false })),
    ...strings.map((string) => ({ ...string, isString: true })),
  ]
  return all.toSorted((a, b) => b.open.length - a.open.length)
}

function endOfComment(text: string, inside: number, { close }: Opener): number {
  const end = text.indexOf(close ?? '\n', inside)
  return end === -1 ? text.length : end
}

/** Where the text goes on behind the string; right behind the quote when it does not end. */
function endOfString(text: string, inside: number, { close, isOneLine }: Opener, lineEnd: number): number {
  const limit = isOneLine ? lineEnd : text.length
  for (let at = inside; at < limit; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text.startsWith(close!, at)) return at + close!.length
  }
  return inside
}

/** The end of the line of a place, looked for once a line: a file may be one line of a megabyte. */
function lineEndsOf(text: string): (place: number) => number {
  let from = 0
  let end = -1
  return (place) => {
    if (place < from || place > end) {
      const newline = text.indexOf('\n', place)
      from = place
      end = newline === -1 ? text.length : newline
    }
    return end
  }
}

interface Marked {
  at: number
  marker: TodoMarker
  owner: string | null
  said: string
}

const marker = /(^|[\s*@\-–#/!([{,;.])(TODO|FIXME|HACK|XXX)(?:\(([^)\n]{1,60})\))?(?=[:!\s]|$)(:?)/g

function* markersIn(text: string, { start, end }: Span): Generator<Marked> {
  let lineStart = start
  for (const line of text.slice(start, end).split('\n')) {
    const found = firstMarker(line.slice(0, mostLineChars))
    if (found) yield { ...found, at: lineStart + found.at }
    lineStart += line.length + 1
  }
}

/** Nobody reads further. */
const mostLineChars = 2_000

function firstMarker(line: string): Marked | null {
  for (const match of line.matchAll(marker)) {
    const [whole, before = '', name, owner, colon] = match
    const leads = !/\p{L}|\p{N}/u.test(line.slice(0, match.index))
    if (!leads && colon === '' && owner === undefined) continue
    const said = plainText(line.slice(match.index + whole.length))
    const at = match.index + before.length
    return { at, marker: name as TodoMarker, owner: owner?.trim() || null, said }
  }
  return null
}

/** One line for people: no control characters, no leading dashes, nothing that only ends the comment. */
export function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/^[\s:\-–—]+|(?:\s|\*\/|-->|#\}|\*\))+$/gu, '')
    .slice(0, foundLimits.textChars)
    .trim()
    .toWellFormed()
}

/** The line of a place; places are asked for in their order. */
class LineCounter {
  #at = 0
  #line = 1
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  lineAt(place: number): number {
    for (let next = this.#next(); next !== -1 && next < place; next = this.#next()) {
      this.#line += 1
      this.#at = next + 1
    }
    return this.#line
  }

  #next() {
    return this.#text.indexOf('\n', this.#at)
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
