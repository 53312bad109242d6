import { counted } from '../core/counted.ts'
import { lookAtFilesWithGit } from '../core/git-look.ts'
import type { PlanItem } from '../core/milestone-plan.ts'
import type { Suggested } from '../core/suggestion.ts'
import { listProjects } from '../db/project/read.ts'
import { listPlans } from '../sources/plan/plan-files.ts'
import type { Looked } from './collect.ts'

/** Younger ones are somebody's work of these days. */
const staleDays = 90
const dayMs = 86_400_000
const asksPerProject = 100
const askWithinMs = 2_000
const mostOfAProject = 50

/** Notes in comments, of the newest plans, that stand there for longer than 90 days by git's account. */
export async function staleTodos({ db, dataDir, now }: Looked): Promise<Suggested[]> {
  const active = await listProjects(db, { statuses: ['active'] }, { limit: 10_000 })
  const plans = await listPlans(dataDir)
  const found = await Promise.all(
    active.map(async ({ id, rootPath }) => {
      const plan = plans.find((each) => each.plan.root === rootPath)?.plan
      return plan
        ? staleOf(
            plan.root,
            id,
            plan.phases.flatMap(({ tasks }) => tasks.flatMap(({ items }) => items)),
            now,
          )
        : []
    }),
  )
  return found.flat()
}

async function staleOf(
  root: string,
  projectId: number,
  items: PlanItem[],
  now: number,
): Promise<Suggested[]> {
  const notes = items.filter(({ marker }) => marker !== null).slice(0, asksPerProject)
  const suggested: Suggested[] = []
  for (const note of notes) {
    const writtenAt = await lineWrittenAt(root, note)
    if (writtenAt === null || now - writtenAt < staleDays * dayMs) continue
    suggested.push(suggestionOf(note, projectId, Math.floor((now - writtenAt) / dayMs)))
    if (suggested.length >= mostOfAProject) break
  }
  return suggested
}

/** Lines move, so they are no part of the key; the text is. */
function suggestionOf({ marker, file, line, text }: PlanItem, projectId: number, days: number): Suggested {
  return {
    key: `todo:${JSON.stringify([projectId, file, marker, text])}`,
    source: 'todo',
    title: `${marker}: ${text}`,
    description: `It stands in \`${file.replace(/[`\n]/g, ' ')}\`, line ${line}, for ${counted(days, 'day')}.`,
    priority: marker === 'FIXME' || marker === 'XXX' ? 5 : 3,
    projectId,
    ref: `${file}:${line}`,
    sightedAt: null,
  }
}

/** null: git does not know, as of lines that were never committed. */
async function lineWrittenAt(root: string, { file, line }: PlanItem): Promise<number | null> {
  const args = ['blame', '--no-textconv', '--porcelain', '-L', `${line},${line}`, '--', file]
  try {
    const stdout = await lookAtFilesWithGit(root, args, { timeout: askWithinMs, maxBuffer: 1_048_576 })
    if (/^0{40} /.test(stdout)) return null
    const seconds = /^author-time (\d+)$/m.exec(stdout)?.[1]
    return seconds === undefined ? null : Number(seconds) * 1_000
  } catch {
    return null // no repository, no such line any more, or too slow to ask
  }
}
