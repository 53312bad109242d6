import type { SyntaxNode, Word, WordPart } from 'unbash'
import type { ShellWord } from './simple-command.ts'

/** What a word is, and everything about it that forbids to trust it. */
export interface WordReading {
  word: ShellWord
  doubts: string[]
}

/**
 * Reads one word of the parse tree. Shells differ (bash, zsh, dash, fish) and so do parsers; whatever isn't plain
 * text, simple quotes, a glob or a quoted substitution is a doubt.
 */
export function readWord(node: Word, source: string): WordReading {
  const text = source.slice(node.pos, node.end)
  const parts: readonly (WordPart | Word)[] = node.parts ?? [node]
  const reading: WordReading = { word: { text, value: '', glob: false, home: false }, doubts: [] }
  for (const [index, part] of parts.entries()) {
    readPart(part, source, reading, index === 0)
  }
  if (/^(~|"?\$(HOME\b|\{HOME\}))/.test(text)) {
    reading.word.home = true
    reading.word.value = homeValue(text)
  }
  return reading
}

function readPart(part: WordPart | Word, source: string, reading: WordReading, first: boolean): void {
  const text = source.slice(part.pos, part.end)
  if (part.type === 'Word' || part.type === 'Literal') {
    reading.doubts.push(...doubtsOfLiteral(text, first))
    return append(reading, part.value)
  }
  if (part.type === 'SingleQuoted') {
    if (text.endsWith("\\'")) reading.doubts.push('some shells read a backslash before a quote differently')
    return append(reading, part.value)
  }
  if (part.type === 'DoubleQuoted') return part.parts.forEach((child) => readQuoted(child, source, reading))
  if (part.type === 'Glob') {
    reading.word.glob = true
    if (part.kind === 'bracket' && /[^\w\-[\]!^.]/.test(text))
      reading.doubts.push(`${text} is an unusual glob`)
    return append(reading, text)
  }
  reading.doubts.push(`${shortened(text)} is only known when it runs`)
  append(reading, part.type === 'AnsiCQuoted' ? part.value : null)
}

function readQuoted(child: WordPart, source: string, reading: WordReading): void {
  const text = source.slice(child.pos, child.end)
  if (child.type === 'Literal') {
    if (/(^|[^\\])(\\\\)*[$`]/.test(text)) reading.doubts.push(`${shortened(text)} contains a bare $`)
    return append(reading, child.value)
  }
  if (child.type === 'CommandExpansion')
    return append(reading, text.startsWith('$(') ? quotedDocument(child) : null)
  if (child.type === 'SimpleExpansion' && /^\$[A-Za-z_]\w*$/.test(text)) return append(reading, null)
  reading.doubts.push(`${shortened(text)} is only known when it runs`)
  append(reading, null)
}

/** The text of `$(cat <<'EOF' … EOF)`, the way in which agents write commit messages; null for any other. */
function quotedDocument(node: Extract<SyntaxNode, { type: 'CommandExpansion' }>): string | null {
  const [statement, ...others] = node.script?.commands ?? []
  if (statement === undefined || others.length > 0 || statement.background) return null
  const command = statement.command
  if (command.type !== 'Command' || command.name?.text !== 'cat' || command.prefix.length > 0) return null
  const [document, ...more] = command.suffix
  if (document?.type !== 'HereDoc' || more.length > 0 || !document.delimiter?.quoted) return null
  if (document.closing === undefined || document.operator !== '<<') return null
  return document.body.text.replace(/\n+$/, '')
}

function doubtsOfLiteral(text: string, first: boolean): string[] {
  const doubts: string[] = []
  const bare = text.replaceAll(/\\[^\n]/g, '')
  if (/[$`]/.test(bare)) doubts.push(`${shortened(text)} contains a bare $`)
  if (/\\\n/.test(text)) doubts.push('a word goes on over the end of a line')
  if (/[{}]/.test(bare.replaceAll(/@\{\d+\}/g, '')) && text !== '{}')
    doubts.push(`${shortened(text)} contains braces`)
  if (/[()<>;&|]/.test(bare)) doubts.push(`${shortened(text)} contains a bare operator`)
  if (first && text.startsWith('=')) doubts.push(`${shortened(text)} begins with =`)
  if (first && /^~[^/]/.test(text)) doubts.push(`${shortened(text)} names somebody's home folder`)
  return doubts
}

function append(reading: WordReading, value: string | null): void {
  const { word } = reading
  word.value = word.value === null || value === null ? null : word.value + value
}

/** `$HOME/x` and `~/x` as `~/x`; null when anything else of it is unknown. */
function homeValue(text: string): string | null {
  const plain = text.replaceAll(/["']/g, '').replace(/^\$(HOME|\{HOME\})/, '~')
  return /[$`\\]/.test(plain) ? null : plain
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
