import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AppError, isAppError } from '../../core/errors.ts'
import type { NewSession, PaneRef } from '../../core/host.ts'
import { asAppError, NoTmuxServer, TmuxRefusal } from './failures.ts'
import { command, commandList, formatLiteral } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'

/** The size of a session that nobody looks at yet; a person's own client decides later. */
const defaultSize = { width: 160, height: 48 }

/** Makes a session, and starts the tmux server where none runs. */
export async function createSession(server: TmuxServer, session: NewSession): Promise<PaneRef> {
  await refuseBadSession(session)
  const args = newSessionArguments(session)
  const keep = ['set-option', '-t', `=${session.name}:`, 'destroy-unattached', 'off'] as const
  try {
    const [made] = await server.runInTurn(commandList(command('new-session', ...args), command(...keep)))
    return { server: server.label, paneId: made?.lines[0] ?? '' }
  } catch (error) {
    if (!(error instanceof NoTmuxServer)) throw asAppError(error, `The tmux session "${session.name}"`)
  }
  const paneId = await startServer(server, session.name, ['new-session', ...args, ';', ...keep])
  server.retryNow()
  return { server: server.label, paneId }
}

/** By its id, which is found by the whole name: tmux itself would take a name for the start of another. */
export async function killSession(server: TmuxServer, name: string): Promise<void> {
  const blocks = await server.run(command('list-sessions', '-F', '#{session_id} #{session_name}'))
  const found = blocks.flatMap(({ lines }) => lines).find((line) => line.replace(/^\S+ /, '') === name)
  if (found === undefined) throw new AppError('not_found', `There is no tmux session "${name}".`)
  try {
    await server.runInTurn(command('kill-session', '-t', found.split(' ')[0]!))
  } catch (error) {
    const known = asAppError(error, `The tmux session "${name}"`)
    // Ending the last session ends the server, and that may be quicker than its answer.
    if (!(known instanceof NoTmuxServer) && !isAppError(known, 'not_found')) throw known
  }
}

async function refuseBadSession({ name, dir, command: argv }: NewSession) {
  if (!/^[^.:\s][^.:\u0000-\u001f\u007f]*$/.test(name) || /^[=$@%-]/.test(name)) {
    throw new AppError(
      'invalid',
      `"${name}" can't be a tmux session's name: no ".", ":" or control character, no "=", "$", "@", "%" or "-" at its start.`,
    )
  }
  if (argv.length === 0) throw new AppError('invalid', `The session "${name}" has no command to run.`)
  const folder = await stat(dir).catch((error: unknown) => {
    throw new AppError('invalid', `The folder ${dir} of the session "${name}" can't be opened.`, {
      cause: error,
    })
  })
  if (!folder.isDirectory()) throw new AppError('invalid', `${dir} is not a folder.`)
}

/** tmux hands one word to a shell and starts several as they are: `env` makes one into several. */
function newSessionArguments(session: NewSession): string[] {
  const { name, dir, env = {}, width = defaultSize.width, height = defaultSize.height } = session
  const argv = session.command.length === 1 ? ['env', ...session.command] : session.command
  return [
    '-dPF',
    '#{pane_id}',
    '-s',
    formatLiteral(name),
    '-c',
    formatLiteral(dir),
    '-x',
    String(width),
    '-y',
    String(height),
    ...Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    '--',
    ...argv,
  ]
}

/** What only Architect reads: secrets that no agent may have, and ports that a program in a pane would take for its own. */
const ownVariables =
  /^(ARCHITECT_.*|DATABASE_URL|SECRET_KEY|SESSION_TIMEOUT|SESSION_COOKIE_SECURE|TRUST_PROXY|HOST|PORT|LOG_LEVEL|TMUX|TMUX_PANE)$/

/** The new server inherits this environment for good. */
async function startServer(server: TmuxServer, name: string, args: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ownVariables.test(name)))
  const words = args.map((arg) => (arg !== ';' && arg.endsWith(';') ? `${arg.slice(0, -1)}\\;` : arg))
  const run = promisify(execFile)(server.socket.program ?? 'tmux', [...server.socket.args, '-u', ...words], {
    env,
    timeout: 10_000,
  })
  const { stdout } = await run.catch((error: Error & { stderr?: string }) => {
    throw asAppError(new TmuxRefusal(error.stderr?.trim() ?? error.message), `The tmux session "${name}"`)
  })
  return stdout.trim()
}
