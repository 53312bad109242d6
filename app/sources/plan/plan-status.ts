import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makePrivateFolder } from '../../core/private-files.ts'
import { plansFolder } from './plan-files.ts'
import { writeWhole } from '../../write-whole.ts'

/** How far the scan of one project is, or how the last one ended. */
const planStatusSchema = z.object({
  project: z.string(),
  projectId: z.int().nullable(),
  root: z.string(),
  state: z.enum(['scanning', 'done', 'failed']),
  pid: z.int(),
  beganAt: z.number(),
  endedAt: z.number().nullable(),
  files: z.object({ done: z.int(), total: z.int() }),
  /** Of the plan, in `data/milestones`. */
  json: z.string().nullable(),
  markdown: z.string().nullable(),
  tasks: z.int(),
  failure: z.string().nullable(),
})
export type PlanStatus = z.infer<typeof planStatusSchema>

export async function keepPlanStatus(dataDir: string, status: PlanStatus): Promise<void> {
  makePrivateFolder(plansFolder(dataDir))
  await writeWhole(statusPath(dataDir, status.root), `${JSON.stringify(status)}\n`)
}

/** Of every project that was scanned, by name. A scan whose process has died is told as failed. */
export async function listPlanStatuses(dataDir: string): Promise<PlanStatus[]> {
  const names = await readdir(plansFolder(dataDir)).catch(unlessMissing)
  const read = await Promise.all(
    names.filter(isStatusFile).map((name) => readStatus(join(plansFolder(dataDir), name))),
  )
  const known = read.filter((status) => status !== null).map(asItIs)
  return known.toSorted((a, b) => (a.project < b.project ? -1 : a.project > b.project ? 1 : 0))
}

/** null: it was never scanned. */
export async function planStatusOf(dataDir: string, root: string): Promise<PlanStatus | null> {
  const status = await readStatus(statusPath(dataDir, root))
  return status && asItIs(status)
}

function asItIs(status: PlanStatus): PlanStatus {
  if (status.state !== 'scanning' || isAlive(status.pid)) return status
  return { ...status, state: 'failed', failure: 'The scan was broken off. Scan again.' }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** null: nothing is there, or nothing that this version of Architect wrote. */
async function readStatus(path: string): Promise<PlanStatus | null> {
  const text = await readFile(path, 'utf8').catch(unlessMissing)
  const read = planStatusSchema.safeParse(jsonOrNull(String(text)))
  return read.success ? read.data : null
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // rubbish, as the schema then says
  }
}

function unlessMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

const isStatusFile = (name: string) => /^status-[0-9a-f]{16}\.json$/.test(name)

function statusPath(dataDir: string, root: string): string {
  const sum = createHash('sha256').update(root).digest('hex').slice(0, 16)
  return join(plansFolder(dataDir), `status-${sum}.json`)
}
