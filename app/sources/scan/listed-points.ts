import { basename } from 'node:path'
import { foundLimits, type ListedPoint } from '../../core/found-work.ts'
import { plainText } from './todo-comments.ts'

/** TODO, plan and roadmap files, by name alone: `TODO`, `docs/PLAN.md`, `next-steps.txt`. */
export function isPlanFile(file: string): boolean {
  return planNames.test(basename(file))
}

const planNames =
  /^(todos?|to-do|plan|plans|planning|roadmap|tasks?|backlog|milestones?|next[-_]steps?|implementation[-_]plan)(\.(md|markdown|txt|rst))?$/i

export function isMarkdown(file: string): boolean {
  return /\.(md|markdown|mdx)$/i.test(file)
}

/** Templates ask everybody the same; their boxes are nobody's work. */
export function isTemplate(file: string): boolean {
  return /(^|\/)\.(github|gitlab)\//i.test(file) || /template\.md$/i.test(file)
}

/**
 * Boxes (`- [ ]`, `- [x]`) of a Markdown file, outside of code, with the headings above. A plan file without any
 * box lists its work as plain points: those are open unless they are struck out or ticked in words.
 */
export function listedPoints(text: string, file: string): ListedPoint[] {
  const isPlan = isPlanFile(file)
  const lines = proseLines(text)
  const boxes = pointsOf(lines, box, (match) => match[1] !== ' ')
  if (boxes.length > 0 || !isPlan) return boxes.map((point) => ({ ...point, file, isPlan }))
  return pointsOf(lines, bullet, (match) => isStruck(match[1] ?? '')).map((point) => ({
    ...point,
    file,
    isPlan,
  }))
}

const box = /^\s*(?:[-*+]|\d{1,4}[.)])\s+\[([ xX✓✔])\]\s+(.*)$/
const bullet = /^\s*(?:[-*+]|\d{1,4}[.)])\s+(.*)$/
const heading = /^(#{1,6})\s+(.*?)\s*#*$/
const fence = /^\s*(`{3,}|~{3,})/

const isStruck = (text: string) =>
  /^~~.*~~\.?$/.test(text.trim()) || /^(✓|✔|✅|done:|\(done\))/i.test(text.trim())

interface ProseLine {
  text: string
  line: number
  headings: string[]
}

/** Lines outside of fenced code, with where they stand. Longer lines are cut: nobody lists work in them. */
function proseLines(text: string): ProseLine[] {
  const lines: ProseLine[] = []
  let headings: string[] = []
  let fencedBy: string | null = null
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.slice(0, mostLineChars).trimEnd()
    const mark = fence.exec(line)?.[1] ?? null
    if (fencedBy !== null) {
      if (mark !== null && mark.startsWith(fencedBy)) fencedBy = null
      continue
    }
    fencedBy = mark
    if (mark !== null) continue
    const [, level, title] = heading.exec(line) ?? []
    if (level === undefined) lines.push({ text: line, line: index + 1, headings })
    else headings = [...headings.slice(0, level.length - 1), plainText(title ?? '')].filter(Boolean)
  }
  return lines
}

const mostLineChars = 2_000

type Point = Omit<ListedPoint, 'file' | 'isPlan'>

/** The text is the last thing that the form takes. */
function pointsOf(lines: ProseLine[], form: RegExp, isDone: (match: RegExpExecArray) => boolean): Point[] {
  const points: Point[] = []
  for (const { text, line, headings } of lines) {
    const match = form.exec(text)
    const said = match && withoutStrokes(plainText(match.at(-1) ?? ''))
    if (!match || !said) continue
    points.push({ text: said, line, headings, isDone: isDone(match) })
    if (points.length >= foundLimits.perFile) break
  }
  return points
}

const withoutStrokes = (text: string) => text.replace(/^~~(.*)~~(\.?)$/, '$1$2')
