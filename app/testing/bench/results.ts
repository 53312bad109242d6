import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../core/paths.ts'

/** One line of the README's table. `ok` is null where a figure has no target. */
export interface Row {
  what: string
  measured: string | number
  target: string
  ok: boolean | null
}

/** The parts of the table, in its order; each is kept in results/NAME.json until it is measured again. */
export const parts = [
  'chaos',
  'screens',
  'looks',
  'idle',
  'detect',
  'quick',
  'memory',
  'queue',
  'http',
  'live',
  'drawn',
  'hooks',
  'decide',
  'nodes',
  'cluster',
  'agent',
  'errors',
  'records',
  'scan',
  'tasks',
] as const
export type Part = (typeof parts)[number]

export function keepRows(part: Part, rows: Row[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(part), `${JSON.stringify({ rows }, null, 2)}\n`)
}

/** No rows when the part was never measured. */
export function keptRows(part: Part): Row[] {
  if (!existsSync(fileOf(part))) return []
  return kept.parse(JSON.parse(readFileSync(fileOf(part), 'utf8'))).rows
}

const folder = join(packageRoot, 'app/testing/bench/results')

function fileOf(part: Part): string {
  return join(folder, `${part}.json`)
}

const kept = z.object({
  rows: z.array(
    z.object({
      what: z.string(),
      measured: z.union([z.string(), z.number()]),
      target: z.string(),
      ok: z.boolean().nullable(),
    }),
  ),
})
