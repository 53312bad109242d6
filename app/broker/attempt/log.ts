import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Look } from '../../core/host.ts'
import { withoutAttributes } from '../../agents/ansi.ts'
import { maskText } from '../../core/masking.ts'
import { makePrivateFolder } from '../../core/private-files.ts'

/** One readable file per attempt: what was seen, what was done, what came out. */
export interface AttemptLog {
  path: string
  line(text: string): void
  /** The screen at that moment, indented. */
  screen(look: Look): void
}

/** `<data>/logs/prompts/prompt-7-1.log`. A full disk does not stop a delivery: the line is lost, and said once. */
export function openAttemptLog(
  dataDir: string,
  clock: Clock,
  name: { promptId: number; number: number },
  onFailure: (error: unknown) => void,
): AttemptLog {
  const path = attemptLogPath(dataDir, name)
  let failed = false
  const append = (text: string) => {
    try {
      makePrivateFolder(attemptLogFolder(dataDir))
      appendFileSync(path, maskText(text), { mode: 0o600 })
    } catch (error) {
      if (!failed) onFailure(error)
      failed = true
    }
  }
  return {
    path,
    line: (text) => append(`${new Date(clock.now()).toISOString()} ${text}\n`),
    screen: (look) => append(look.rows.map((row) => `    | ${withoutAttributes(row)}\n`).join('')),
  }
}

export function attemptLogPath(dataDir: string, name: { promptId: number; number: number }): string {
  return join(attemptLogFolder(dataDir), `prompt-${name.promptId}-${name.number}.log`)
}

export function attemptLogFolder(dataDir: string): string {
  return join(dataDir, 'logs', 'prompts')
}
