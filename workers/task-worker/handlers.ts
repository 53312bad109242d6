import { join } from 'node:path'
import type { Config } from '../../app/config.ts'
import { gitHandler } from './handlers/git.ts'
import { loadOwnHandlers } from './handlers/own.ts'
import { programHandlers } from './handlers/programs.ts'
import { tmuxHandler } from './handlers/tmux.ts'
import type { TaskHandler } from './handler.ts'

/**
 * Everything that a worker can do here: what is built in, and the modules in `data/handlers`. `nodeFlags`: what starts
 * another of our programs in the form of this one.
 */
export async function allHandlers(
  config: Pick<Config, 'dataDir' | 'tmuxSocket'>,
  nodeFlags: readonly string[] = process.execArgv,
): Promise<{ handlers: TaskHandler[]; problems: string[] }> {
  const builtIn = [
    ...programHandlers,
    gitHandler as TaskHandler,
    tmuxHandler(firstSocket(config)) as TaskHandler,
  ]
  const { handlers, problems } = await loadOwnHandlers(
    join(config.dataDir, 'handlers'),
    builtIn.map(({ type }) => type),
    nodeFlags,
  )
  return { handlers: [...builtIn, ...handlers], problems }
}

/** Where several servers are watched, tasks work with the first. */
function firstSocket({ tmuxSocket }: Pick<Config, 'tmuxSocket'>): string | null {
  return tmuxSocket?.split(',')[0]?.trim() || null
}
