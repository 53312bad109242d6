import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import type { AgentProcess } from '../process.ts'
import { filesIn, wasWritten } from './claude.ts'

/** Chats of Gemini CLI in the folder that this process works in, written to since then. */
export function geminiChats({ home, cwd }: AgentProcess, since: EpochMs): string[] {
  if (home === null || cwd === null) return []
  const projects = join(home, '.gemini/tmp')
  return filesIn(projects)
    .map((name) => join(projects, name))
    .filter((project) => rootOf(project) === cwd)
    .flatMap((project) => filesIn(join(project, 'chats')).map((name) => join(project, 'chats', name)))
    .filter((file) => file.endsWith('.jsonl') && wasWritten(file, since))
}

/** The working folder that a project's own folder belongs to. */
function rootOf(project: string): string | null {
  if (!filesIn(project).includes('.project_root')) return null
  return readFileSync(join(project, '.project_root'), 'utf8').trim()
}
