import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError, messageOf } from '../../core/errors.ts'
import { toolServer } from '../../launch/tools.ts'

/** Agents that can register a server of tools by a command of their own, which is safer than editing their files. */
export const registeringAgents = ['claude', 'codex', 'gemini'] as const
export type RegisteringAgent = (typeof registeringAgents)[number]

/** Makes an agent start `command` for its tools, for all projects of this user. Doing it again changes nothing. */
export async function register(agent: RegisteringAgent, command: readonly string[]): Promise<void> {
  if (await isRegistered(agent)) await unregister(agent)
  await ask(agent, addArguments[agent](command))
}

/** Returns whether there was anything to take away. */
export async function unregister(agent: RegisteringAgent): Promise<boolean> {
  if (!(await isRegistered(agent))) return false
  await ask(agent, removeArguments[agent])
  return true
}

/** Throws `unavailable` when the agent is not installed here, or can't say. */
export async function isRegistered(agent: RegisteringAgent): Promise<boolean> {
  const listed = await ask(agent, ['mcp', 'list'])
  return listed.split('\n').some((line) => new RegExp(`(^|\\W)${toolServer}(\\W|$)`).test(line))
}

const addArguments: Record<RegisteringAgent, (command: readonly string[]) => string[]> = {
  claude: (command) => ['mcp', 'add', '--scope', 'user', toolServer, '--', ...command],
  codex: (command) => ['mcp', 'add', toolServer, '--', ...command],
  gemini: (command) => ['mcp', 'add', '--scope', 'user', toolServer, ...command],
}

const removeArguments: Record<RegisteringAgent, string[]> = {
  claude: ['mcp', 'remove', '--scope', 'user', toolServer],
  codex: ['mcp', 'remove', toolServer],
  gemini: ['mcp', 'remove', '--scope', 'user', toolServer],
}

/** Claude asks each listed server for its health, and each of those may take its time. */
const answersWithinMs = 60_000

async function ask(agent: RegisteringAgent, words: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(agent, words, { timeout: answersWithinMs })
    return stdout + stderr
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new AppError('unavailable', `The command "${agent}" is not installed here, or not on the PATH.`)
    }
    const { stderr = '' } = error as { stderr?: string }
    const why = stderr.trim() || messageOf(error)
    throw new AppError('unavailable', `"${agent} ${words.join(' ')}" failed: ${why}`, { cause: error })
  }
}

const run = promisify(execFile)
