import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { quoted } from '../../core/shell-quote.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { parseWanted } from '../../vault/give.ts'
import { UsageError } from '../failure.ts'
import { withSide } from '../with.ts'
import type { VaultOptions } from './command.ts'
import { vaultDesks } from './desk.ts'

/** Values are in the environment of the command alone: not in its arguments, and not in those of anything else. */
export async function runHere(command: string[], options: VaultOptions): Promise<void> {
  const wanted = (options.secret ?? []).map(parseWanted)
  if (wanted.length === 0) throw new UsageError('Say which secrets: ./deploy.sh vault run -s NAME -- COMMAND')
  const [program = '', ...args] = command
  const given = await withSide(vaultDesks, (desk) => desk.give(wanted, `the command ${program}`))
  process.exitCode = await run(program, args, { ...process.env, ...given })
}

/** As a shell ends when its program was ended by a signal. */
const bySignal = 128
const passedOn = ['SIGTERM', 'SIGHUP'] as const
/** What a keyboard sends, the terminal gives to the command itself: passed on, it would come twice. */
const ofKeyboard = ['SIGINT', 'SIGQUIT'] as const

async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { env, stdio: 'inherit' })
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  const passOrWait = (signal: NodeJS.Signals) => (process.stdin.isTTY ? undefined : pass(signal))
  for (const signal of passedOn) process.on(signal, pass)
  for (const signal of ofKeyboard) process.on(signal, passOrWait)
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code ?? bySignal + (signal ? constants.signals[signal] : 0)
  } catch (error) {
    throw new AppError('not_found', `Cannot run ${program}: ${messageOf(error)}.`, { cause: error })
  } finally {
    for (const signal of passedOn) process.off(signal, pass)
    for (const signal of ofKeyboard) process.off(signal, passOrWait)
  }
}

/** For `eval`: a person who calls it in a terminal would read all of it over their shoulder. */
export async function printEnvironmentHere(names: string[]): Promise<void> {
  if (process.stdout.isTTY) {
    throw new UsageError('This prints values, for a shell to take: eval "$(./deploy.sh vault env NAME)"')
  }
  const wanted = names.map(parseWanted)
  const given = await withSide(vaultDesks, (desk) => desk.give(wanted, 'a shell'))
  const lines = Object.entries(given).map(([name, value]) => `export ${name}=${quoted(value)}\n`)
  process.stdout.write(lines.join(''))
}
