import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import { parseRecording } from '../recording.ts'
import type { Recording } from '../recording.ts'

/** Test data: every screen that was recorded from a real agent, or from something that isn't one. */
export function recordedScreens(): Recording[] {
  return recordingFiles().flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => parseRecording(line, file))
  })
}

export function recordingFiles(): string[] {
  const folder = join(packageRoot, 'app/agents/recordings')
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return names.map((name) => join(folder, name))
}
