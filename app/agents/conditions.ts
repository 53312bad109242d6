import { compilePattern } from './rule-file.ts'
import type { ConditionSource, SimpleCondition } from './rule-file.ts'
import type { View } from './view.ts'

/** A question about a view, compiled once. */
export type Condition = (view: View, version: string | null) => boolean

export function compileCondition(source: ConditionSource): Condition {
  if (!('any' in source)) return compileSimple(source)
  const conditions = source.any.map(compileSimple)
  return (view, version) => conditions.some((holds) => holds(view, version))
}

function compileSimple(source: SimpleCondition): Condition {
  if ('over' in source) {
    return (view) =>
      view
        .text(source.in)
        .split('\n')
        .filter((row) => row !== '').length > source.over
  }
  if ('in' in source) {
    const pattern = compilePattern(source.text)
    return (view) => pattern.test(view.text(source.in))
  }
  if ('title' in source) {
    const pattern = compilePattern(source.title)
    return ({ screen }) => pattern.test(screen.title)
  }
  if ('command' in source) {
    const pattern = compilePattern(source.command)
    return ({ screen }) => pattern.test(screen.command)
  }
  if ('version' in source) return compileVersion(source.version)
  if ('composer' in source) return composerConditions[source.composer]
  if ('focus' in source) return ({ composer }) => composer?.focused === source.focus
  if ('alternate' in source) return ({ screen }) => screen.alternate === source.alternate
  return cursorConditions[source.cursor]
}

const composerConditions = {
  present: ({ composer }) => composer !== null,
  absent: ({ composer }) => composer === null,
  empty: ({ composer }) => composer !== null && !isTyped(composer),
  typed: ({ composer }) => composer !== null && isTyped(composer),
  hint: ({ composer }) => composer !== null && composer.hint !== '',
  mode: ({ composer }) => composer?.mode === true,
} satisfies Record<string, Condition>

const cursorConditions = {
  in_composer: ({ screen, composer }) =>
    composer !== null && screen.cursor.y >= composer.firstRow && screen.cursor.y <= composer.lastRow,
  on_last_row: ({ screen }) => screen.cursor.y >= screen.height - 1,
  visible: ({ screen }) => screen.cursor.visible,
  hidden: ({ screen }) => !screen.cursor.visible,
} satisfies Record<string, Condition>

/** Whether somebody's text, or a mode that is no prompt, stands in the box. */
export function isTyped({ text, mode, cut }: { text: string; mode: boolean; cut: boolean }): boolean {
  return text !== '' || mode || cut
}

function compileVersion(source: string): Condition {
  const below = source.startsWith('<')
  const bound = source.replace(/^(<|>=)/, '')
  return (_view, version) => version !== null && compareVersions(version, bound) < 0 === below
}

/** Negative, zero or positive, as `a` is older, equal or newer; missing parts count as zero. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
