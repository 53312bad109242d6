import { readdir, readFile, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { milestonePlanSchema, type MilestonePlan } from '../../core/milestone-plan.ts'
import { maskTexts } from '../../core/masking.ts'
import { makePrivateFolder } from '../../core/private-files.ts'
import { planMarkdown } from './plan-markdown.ts'
import { writeWhole } from '../../write-whole.ts'

/** Older plans of a project are removed. */
const plansKept = 10

export interface KeptPlan {
  plan: MilestonePlan
  /** Names in `data/milestones`. */
  json: string
  markdown: string
  /** Whether it differs from the one before it, apart from its date. */
  isNew: boolean
}

export const plansFolder = (dataDir: string) => join(dataDir, 'milestones')

/**
 * Keeps a plan as JSON and as Markdown, each whole or not at all. One that says the same as the newest that is kept
 * is not written again: that one is given back.
 */
export async function keepPlan(dataDir: string, made: MilestonePlan): Promise<KeptPlan> {
  const plan = maskTexts(made)
  const folder = plansFolder(dataDir)
  makePrivateFolder(folder)
  const name = await freeName(folder, plan)
  const markdown = `${name}_summary.md`
  const [newest] = await planNames(folder, name)
  const known = newest === undefined ? null : await readPlan(join(folder, newest))
  if (newest !== undefined && known && isSame(known, plan)) {
    await writeWhole(join(folder, markdown), planMarkdown(known))
    return { plan: known, json: newest, markdown, isNew: false }
  }
  const json = `${name}_milestones_${plan.generated_at.replace(/[-:]|\.\d+Z$/g, '')}.json`
  await writeWhole(join(folder, json), `${JSON.stringify(plan, null, 2)}\n`)
  await writeWhole(join(folder, markdown), planMarkdown(plan))
  for (const old of (await planNames(folder, name)).slice(plansKept))
    await rm(join(folder, old), { force: true })
  return { plan, json, markdown, isNew: true }
}

/** The newest plan of each project that has one, by name. Files that are no plans are left out. */
export async function listPlans(dataDir: string): Promise<{ plan: MilestonePlan; json: string }[]> {
  const folder = plansFolder(dataDir)
  const names = new Set((await filesIn(folder)).flatMap((file) => planFile.exec(file)?.[1] ?? []))
  const plans = await Promise.all(
    [...names].sort().map(async (name) => {
      for (const json of await planNames(folder, name)) {
        const plan = await readPlan(join(folder, json))
        if (plan) return { plan, json }
      }
      return null
    }),
  )
  return plans.filter((found) => found !== null)
}

/** The newest plan of a root; null: none was made. */
export async function planOf(dataDir: string, root: string): Promise<MilestonePlan | null> {
  return (await listPlans(dataDir)).find(({ plan }) => plan.root === root)?.plan ?? null
}

const planFile = /^(.+)_milestones_\d{8}T\d{6}\.json$/

/** The plans of a name, the newest first. */
async function planNames(folder: string, name: string): Promise<string[]> {
  const files = (await filesIn(folder)).filter((file) => planFile.exec(file)?.[1] === name)
  return files.sort().toReversed()
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

/** null: it is no plan, or one of another version of Architect. */
async function readPlan(path: string): Promise<MilestonePlan | null> {
  try {
    return milestonePlanSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null // whatever lies there, the scan makes a new one
  }
}

/** Two projects of one name do not write each other's files. */
async function freeName(folder: string, { project, root }: MilestonePlan): Promise<string> {
  const plain = project
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  const [newest] = plain === '' ? [] : await planNames(folder, plain)
  const known = newest === undefined ? null : await readPlan(join(folder, newest))
  if (plain !== '' && (known === null || known.root === root)) return plain
  const sum = createHash('sha256').update(root).digest('hex').slice(0, 8)
  return plain === '' ? sum : `${plain}-${sum}`
}

/** `known` has its fields in the order of the schema. */
function isSame(known: MilestonePlan, plan: MilestonePlan): boolean {
  const text = (of: MilestonePlan) => JSON.stringify({ ...of, generated_at: '' })
  return text(known) === text(milestonePlanSchema.parse(plan))
}
