import { spawnSync } from 'node:child_process'
import { mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../app/core/errors.ts'
import { markVariable } from './processes.ts'

/** What a task's programs have no business with: what opens Architect itself, and the terminal it was started in. */
const withheld =
  /^(ARCHITECT_.*|SECRET_KEY|DATABASE_URL|CREDENTIALS_DIRECTORY|TMUX|TMUX_PANE|NODE_OPTIONS|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE)$/

/** The environment of a run's programs: the worker's own without what is withheld, and the mark they are known by. */
export function environmentOf(run: { taskId: number; mark: string }): Record<string, string> {
  return { ...plainEnvironment(), ARCHITECT_TASK: String(run.taskId), [markVariable]: run.mark }
}

export function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]),
  )
  return Object.fromEntries(entries)
}

/** A working folder, which is there until it is disposed of. */
export interface WorkingFolder extends Disposable {
  path: string
}

/** The folder that a task names, by its real path; its own, which goes with the run, where it names none. */
export function openFolder(dir: string | null, dataDir: string, runId: number): WorkingFolder {
  if (dir !== null) return { path: realFolder(dir), [Symbol.dispose]() {} }
  const own = join(dataDir, 'task-folders', String(runId))
  mkdirSync(own, { recursive: true, mode: 0o700 })
  return {
    path: realpathSync(own),
    [Symbol.dispose]: () => removeFolder(own),
  }
}

/** For what Node can't remove, by the system's own programs. In ms. */
const removeWithinMs = 10_000

/**
 * A task may have left paths that are too long to be named, or folders that nobody may look into. What stays even so
 * does not undo what the task did.
 */
function removeFolder(path: string) {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    const script = 'chmod -R u+rwX "$1"; rm -rf "$1"'
    spawnSync('sh', ['-c', script, 'sh', path], { stdio: 'ignore', timeout: removeWithinMs })
  }
}

function realFolder(dir: string): string {
  try {
    const path = realpathSync(dir)
    if (statSync(path).isDirectory()) return path
  } catch (error) {
    throw new AppError('invalid', `There is no folder ${dir} on this machine.`, { cause: error })
  }
  throw new AppError('invalid', `${dir} is no folder.`)
}
