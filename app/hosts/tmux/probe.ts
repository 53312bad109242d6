import { execFile, type ExecFileException } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { answerWithinMs, clientEnv, onlyOursAreLeft } from './connection.ts'
import { NoTmuxServer, tmuxIsMissing, tmuxIsSilent, tmuxLeft } from './failures.ts'
import type { TmuxSocket } from './sockets.ts'

/** Whoever makes sessions often makes several: nothing may begin for this long before a client introduces itself. */
const quietMs = 50
/** A server in which sessions come and go all the time is entered nevertheless, after so many looks. */
const mostLooks = 20

/**
 * The path of the socket of a server that has sessions and makes no more of them right now (turns.ts says why).
 * Throws `NoTmuxServer` where none runs, or where nothing but sessions of ours is left.
 */
export async function findQuietServer(socket: TmuxSocket): Promise<string> {
  let before = await sessionsOf(socket)
  for (let looks = 1; looks < mostLooks; looks += 1) {
    await sleep(quietMs)
    const now = await sessionsOf(socket)
    if (now.ids === before.ids) break
    before = now
  }
  return before.path
}

/** Asked by a client that only runs a command, to which tmux tells nothing else. */
async function sessionsOf(socket: TmuxSocket): Promise<{ path: string; ids: string }> {
  const ask = ['list-sessions', '-F', '#{socket_path}\t#{session_id}\t#{session_name}']
  const options = { env: clientEnv(), timeout: answerWithinMs }
  const { stdout } = await promisify(execFile)(
    socket.program ?? 'tmux',
    [...socket.args, '-u', ...ask],
    options,
  ).catch((error: ExecFileException & { stderr?: string }) => {
    if (error.code === 'ENOENT') throw tmuxIsMissing(error)
    if (error.killed) throw tmuxIsSilent(socket.label, answerWithinMs)
    throw tmuxLeft(socket.label, error.stderr?.trim() || error.message)
  })
  const rows = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
  if (onlyOursAreLeft(rows.map(([, , name = '']) => name))) throw new NoTmuxServer(socket.label)
  return { path: rows[0]![0]!, ids: rows.map(([, id]) => id).join(' ') }
}
