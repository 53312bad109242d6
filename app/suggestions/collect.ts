import { counted } from '../core/counted.ts'
import type { Suggested, SuggestionSource } from '../core/suggestion.ts'
import type { EpochMs } from '../core/clock.ts'
import { severities, type Severity, type WorkStatus } from '../core/work.ts'
import { listErrorGroups } from '../db/error/read.ts'
import { workLinkedTo } from '../db/work/links.ts'
import { listWork } from '../db/work/read.ts'
import { latestTestRuns, getTestRun } from '../db/test-run/test-runs.ts'
import type { Db } from '../db/schema.ts'
import { staleTodos } from './stale-todos.ts'

export interface Looked {
  db: Db
  dataDir: string
  now: EpochMs
}

/** What each source has to suggest now; the same state of things gives the same. */
export async function collectSuggestions(
  sources: readonly SuggestionSource[],
  looked: Looked,
): Promise<Suggested[]> {
  const found = await Promise.all(sources.map((source) => collectors[source](looked)))
  return found.flat().map((each) => ({ ...each, title: lineOf(each.title) }))
}

const collectors: Record<SuggestionSource, (looked: Looked) => Promise<Suggested[]>> = {
  error: fromErrors,
  test: fromTests,
  todo: staleTodos,
  bug: fromBugs,
}

const mostOfASource = 200
const mostTitleChars = 200

const lineOf = (text: string) =>
  text
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim()
    .slice(0, mostTitleChars)
    .toWellFormed()

const unfinished: readonly WorkStatus[] = ['open', 'queued', 'in_progress', 'review']

/** Open errors for which nobody made a bug yet. */
async function fromErrors({ db }: Looked): Promise<Suggested[]> {
  const groups = await listErrorGroups(
    db,
    { states: ['open', 'regressed'] },
    { limit: mostOfASource, offset: 0 },
  )
  const suggested: Suggested[] = []
  for (const { id, state, errorType, message, source, count, nodes, lastSeenAt } of groups) {
    const bugs = await workLinkedTo(db, 'error', String(id))
    const known = bugs.filter(({ status }) => unfinished.includes(status))
    if (known.length > 0) continue
    suggested.push({
      key: `error:${id}`,
      source: 'error',
      title: `Fix ${errorType}: ${message}`,
      description: `Error ${id} ${state === 'regressed' ? 'came back after it was resolved; it ' : ''}happened ${counted(count, 'time')} on ${counted(nodes, 'node')}${source ? `, in ${source}` : ''}.`,
      priority: Math.min(10, (state === 'regressed' ? 8 : 6) + (count >= 100 ? 1 : 0)),
      projectId: null,
      ref: String(id),
      sightedAt: lastSeenAt,
    })
  }
  return suggested
}

/** Cases that failed in the last run of their suite. */
async function fromTests({ db }: Looked): Promise<Suggested[]> {
  const runs = (await latestTestRuns(db)).filter(({ outcome }) => outcome !== 'passed')
  const suggested: Suggested[] = []
  for (const { id, suite, beganAt } of runs.slice(0, mostOfASource)) {
    const { result } = await getTestRun(db, id)
    for (const { name, outcome, steps } of result.cases) {
      if (outcome !== 'failed' && outcome !== 'error') continue
      const failures = steps.flatMap((step) => step.failures.map((failure) => `${step.name}: ${failure}`))
      suggested.push({
        key: `test:${JSON.stringify([suite, name])}`,
        source: 'test',
        title: `Make "${name}" of ${suite} pass`,
        description: ['It failed in the last run of its suite:', '', ...failures.map((f) => `    ${f}`)]
          .join('\n')
          .slice(0, 8_000),
        priority: 7,
        projectId: null,
        ref: String(id),
        sightedAt: beganAt,
      })
    }
  }
  return suggested.slice(0, mostOfASource)
}

const prioritiesOfBugs: Record<Severity, number> = { critical: 9, high: 7, medium: 5, low: 3 }

/** Bugs that nobody works on. */
async function fromBugs({ db }: Looked): Promise<Suggested[]> {
  const filter = { kinds: ['bug'] as const, statuses: ['open'] as const }
  const bugs = await listWork(db, filter, { limit: mostOfASource, order: 'priority' })
  const free = bugs.filter(
    ({ assignee, promptId, note }) => assignee === null && (promptId === null || note !== null),
  )
  return free.map(({ id, key, title, severity, projectId, updatedAt }) => ({
    key: `bug:${id}`,
    source: 'bug' as const,
    title: `Have ${key} fixed: ${title}`,
    description: `${key} is open and nobody works on it${severity ? `; it is ${severity}` : ''}.`,
    priority: prioritiesOfBugs[severity ?? severities[2]],
    projectId,
    ref: key,
    sightedAt: updatedAt,
  }))
}
