import { createHash } from 'node:crypto'
import { byKey } from '../../core/by-key.ts'
import type { FoundWork, ListedPoint, TodoComment, TodoMarker } from '../../core/found-work.ts'
import {
  planPhases,
  type MilestonePlan,
  type PlanItem,
  type PlanPhase,
  type PlanPhaseId,
  type PlanTask,
} from '../../core/milestone-plan.ts'

export interface PlannedProject {
  name: string
  id: number | null
  /** Its real path. */
  root: string
}

/**
 * A plan by four rules and no guess: the same findings give the same plan, letter by letter, apart from
 * `generatedAt` (epoch ms).
 */
export function makePlan(project: PlannedProject, found: FoundWork, generatedAt: number): MilestonePlan {
  const lists = [...byKey(found.points, ({ file, headings }) => JSON.stringify([file, headings])).values()]
  const tasks: Record<PlanPhaseId, PlanTask[]> = {
    repair: found.comments.filter(isFault).map((comment) => taskOfComments([comment])),
    finish: lists.filter(isBegun).map(taskOfList),
    build: lists.filter(isUntouched).map(taskOfList),
    tidy: [...byKey(found.comments.filter(isUntidy), ({ file }) => file).values()].map(taskOfComments),
  }
  const ticked = found.points.filter(({ isDone }) => isDone).length
  return {
    schema_version: 1,
    project: project.name,
    project_id: project.id,
    root: project.root,
    generated_at: new Date(generatedAt).toISOString(),
    scanned: found.counts,
    unread: found.unread,
    plan_files: found.planFiles,
    progress: { done: ticked, total: found.points.length + found.comments.length },
    phases: withKeys(planPhases.map((id) => phaseOf(id, tasks[id]))),
  }
}

/** What each phase is for, in the order in which they are best worked off. */
const phaseWords: Record<PlanPhaseId, { title: string; rule: string }> = {
  repair: { title: 'Repair', rule: 'Every FIXME and XXX in a comment, FIXME first.' },
  finish: {
    title: 'Finish what was begun',
    rule: 'Lists of which some points are ticked, by what is left of them.',
  },
  build: { title: 'Build what is planned', rule: 'Lists without a ticked point, those of plan files first.' },
  tidy: { title: 'Tidy up', rule: 'HACK and TODO in comments, those of one file together, HACK first.' },
}

/** Of a task's own kind, before its size; of prompts and features, 10 is the most urgent. */
const priorities: Record<TodoMarker | 'plan' | 'list', number> = {
  FIXME: 8,
  XXX: 7,
  plan: 6,
  list: 5,
  HACK: 4,
  TODO: 3,
}

const isFault = ({ marker }: TodoComment) => marker === 'FIXME' || marker === 'XXX'
const isUntidy = (comment: TodoComment) => !isFault(comment)
const isBegun = (list: ListedPoint[]) => list.some((p) => p.isDone) && list.some((p) => !p.isDone)
const isUntouched = (list: ListedPoint[]) => list.every((p) => !p.isDone)

/** `comments`: of one file, not empty. */
function taskOfComments(comments: TodoComment[]): PlanTask {
  const [first] = comments as [TodoComment]
  const items = comments.map(({ file, line, text, marker, owner }) => ({
    file,
    line,
    text: [text || 'without words', owner && `(for ${owner})`].filter(Boolean).join(' '),
    marker,
    done: false,
  }))
  const title =
    comments.length === 1
      ? `${first.marker}: ${first.text || first.file}`
      : `${comments.length} notes in ${first.file}`
  const priority = Math.max(...comments.map(({ marker }) => priorities[marker]))
  return taskOf(title, priority, items)
}

/** `points`: below the same headings, not empty. */
function taskOfList(points: ListedPoint[]): PlanTask {
  const [{ file, headings, isPlan }] = points as [ListedPoint]
  const items = points.map(({ line, text, isDone }) => ({ file, line, text, marker: null, done: isDone }))
  const open = points.filter(({ isDone }) => !isDone)
  const only = open.length === 1 && points.length === 1 ? open[0]!.text : null
  return taskOf(only ?? headings.at(-1) ?? file, priorities[isPlan ? 'plan' : 'list'], items)
}

function taskOf(title: string, priority: number, items: PlanItem[]): PlanTask {
  const { file, line } = items[0]!
  const done = items.filter((item) => item.done).length
  return {
    key: '',
    title: title.slice(0, titleChars),
    priority,
    file,
    line,
    progress: { done, total: items.length },
    items,
  }
}

const titleChars = 200

function phaseOf(id: PlanPhaseId, tasks: PlanTask[]): PlanPhase {
  const sorted = tasks.toSorted(id === 'finish' ? byRest : byPriority)
  const sum = (of: 'done' | 'total') => tasks.reduce((total, { progress }) => total + progress[of], 0)
  return { id, ...phaseWords[id], progress: { done: sum('done'), total: sum('total') }, tasks: sorted }
}

const byPriority = (a: PlanTask, b: PlanTask) => b.priority - a.priority || byPlace(a, b)
const byRest = (a: PlanTask, b: PlanTask) => restOf(a) - restOf(b) || byPriority(a, b)
const restOf = ({ progress }: PlanTask) => progress.total - progress.done

function byPlace(a: PlanTask, b: PlanTask): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line
}

/** Lines move while the work stays the same, so they are no part of a key; what is there twice is counted. */
function withKeys(phases: PlanPhase[]): PlanPhase[] {
  const times = new Map<string, number>()
  const keyOf = ({ file, title, items }: PlanTask) => {
    const words = items[0]!.marker === null || items.length > 1 ? title.replace(/^\d+ /, '') : items[0]!.text
    const key = createHash('sha256')
      .update(JSON.stringify([file, items[0]!.marker, words]))
      .digest('hex')
    const short = key.slice(0, 16)
    const time = (times.get(short) ?? 0) + 1
    times.set(short, time)
    return time === 1 ? short : `${short}-${time}`
  }
  return phases.map((phase) => ({
    ...phase,
    tasks: phase.tasks.map((task) => ({ ...task, key: keyOf(task) })),
  }))
}
