import { forEachChild, type SyntaxNode } from 'unbash'

/**
 * A comment is skipped by every shell that runs a command for an agent, but an interactive zsh runs it. Whole lines
 * of plain words are harmless either way.
 */
export function doubtsOfComments(text: string, script: SyntaxNode): string[] {
  if (!text.includes('#')) return []
  const lines = text.split('\n')
  const bare = withoutWords(text, script).split('\n')
  const harmful = bare.some(
    (rest, line) => rest.includes('#') && !/^\s*#[\w\s.,:/+-]*$/.test(lines[line] ?? ''),
  )
  return harmful ? ['it contains a comment'] : []
}

/** The text with blanks in place of all words, so that operators and comments remain. */
function withoutWords(text: string, node: SyntaxNode): string {
  if (node.type === 'Word' || node.type === 'HereDocBody' || node.type === 'Assignment') {
    const blank = text.slice(node.pos, node.end).replaceAll(/[^\n]/g, ' ')
    return text.slice(0, node.pos) + blank + text.slice(node.end)
  }
  let rest = text
  forEachChild(node, (child) => void (rest = withoutWords(rest, child)))
  return rest
}
