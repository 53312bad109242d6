import type { SyntaxNode } from 'unbash'

/** Shapes that say no more than their parts. Any other is a doubt: loops, functions, conditions, arithmetic. */
export const plainShapes = new Set<SyntaxNode['type']>([
  'Script',
  'Statement',
  'CompoundList',
  'AndOr',
  'Pipeline',
  'Negation',
  'Time',
  'Subshell',
  'BraceGroup',
  'Redirected',
  'Command',
  'CommandExpansion',
])

/** Parts of loops and the like, whose shape is the doubt already. */
export const wordShapes = new Set<SyntaxNode['type']>([
  'Word',
  'Literal',
  'SingleQuoted',
  'DoubleQuoted',
  'FileDescriptor',
])

export const shapeNames: Partial<Record<SyntaxNode['type'], string>> = {
  For: 'a loop',
  ArithmeticFor: 'a loop',
  While: 'a loop',
  Select: 'a loop',
  If: 'a condition',
  Case: 'a condition',
  TestCommand: 'a condition',
  Function: 'a function',
  Coproc: 'a coprocess',
}

export function isUncertain(node: SyntaxNode): boolean {
  return (
    node.type === 'ArithmeticExpansion' ||
    node.type === 'ParameterExpansion' ||
    node.type === 'ProcessSubstitution' ||
    node.type === 'FileDescriptorVariable'
  )
}
