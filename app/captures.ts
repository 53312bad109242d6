import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Screen } from './core/agent.ts'
import { messageOf } from './core/errors.ts'
import { maskText } from './core/masking.ts'
import type { Log } from './log.ts'
import { makePrivateFolder } from './core/private-files.ts'

/** More of them than anybody will look at. */
export const keptCaptures = 50

export interface CaptureReason {
  kind: string
  version: string | null
  /** Epoch ms. */
  since: number
  /** A sentence for a person. */
  reason: string
}

/**
 * Keeps the screen that made an agent's release untrusted in `<data>/captures/`, in the form that
 * `explain --file` and `screens` read, and tells a person.
 */
export function keepCapture(
  dataDir: string,
  log: Log,
  { kind, version, since, reason }: CaptureReason,
  screen: Screen,
) {
  const folder = join(dataDir, 'captures')
  const id = `${kind}-${version ?? 'unknown'}-${new Date(since).toISOString().replace(/[:.]/g, '-')}`
  const path = join(folder, `${id}.jsonl`)
  const { rows, ...rest } = screen
  const capture = { id, agent: kind, ...(version !== null && { version }), ...rest, ansi: rows.join('\n') }
  log.json.warn({ agent: kind, version, capture: path }, reason)
  log.progress(`▨ ${reason} Its screen: ./deploy.sh explain --file ${path}`)
  try {
    makePrivateFolder(folder)
    writeFileSync(path, `${maskText(JSON.stringify(capture))}\n`, { mode: 0o600 })
    forgetOldCaptures(folder)
  } catch (error) {
    log.json.error({ err: error }, `the capture could not be kept: ${messageOf(error)}`)
  }
}

function forgetOldCaptures(folder: string) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
  for (const name of names.slice(0, -keptCaptures)) rmSync(join(folder, name))
}

/** The end of a capture's name: `2026-11-21T09-00-00-000Z.jsonl`. */
function timeOf(name: string): string {
  return name.slice(-'2026-11-21T09-00-00-000Z.jsonl'.length)
}
