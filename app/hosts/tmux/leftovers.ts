import type { ControlConnection } from './connection.ts'
import { isLeftover, isOurs } from './owner.ts'
import { command } from './quote.ts'

/**
 * Clears what a process of ours that was killed left in the server: its client, its session, a buffer that was
 * on its way. Nothing of a living process or of the user's is touched.
 */
export async function clearLeftovers(connection: ControlConnection): Promise<void> {
  const [clients, sessions, buffers] = await Promise.all(
    connection.runAll([
      { line: command('list-clients', '-F', '#{client_pid} #{client_session}') },
      { line: command('list-sessions', '-F', '#{session_name}') },
      { line: command('list-buffers', '-F', '#{buffer_name}') },
    ]),
  ).then((answers) => answers.map((blocks) => blocks.flatMap(({ lines }) => lines)))
  for (const client of clients!) endStaleClient(client)
  await Promise.allSettled(
    connection.runAll([
      ...sessions!.filter(isLeftover).map((name) => ({ line: command('kill-session', '-t', `=${name}`) })),
      ...buffers!.filter(isLeftover).map((name) => ({ line: command('delete-buffer', '-b', name) })),
    ]),
  )
}

/**
 * A client of somebody else's that tmux moved into our session (their session ended and `detach-on-destroy` is
 * off) is moved on to a session of theirs. `change` is `CLIENT $ID NAME`.
 */
export async function evictFromOurs(connection: ControlConnection, change: string): Promise<void> {
  const [client, , name] = change.split(' ')
  if (client === undefined || !isOurs(name ?? '')) return
  if (name !== connection.sessionName && (await isOwnViewer(connection, client))) return
  const blocks = await connection.run(
    command('list-sessions', '-F', '#{session_activity} #{session_id} #{session_name}'),
  )
  const theirs = blocks
    .flatMap(({ lines }) => lines)
    .map((line) => line.split(' '))
    .filter(([, , session]) => !isOurs(session ?? ''))
    .toSorted((a, b) => Number(b[0]) - Number(a[0]))
  const target = theirs[0]?.[1]
  if (target !== undefined) await connection.run(command('switch-client', '-c', client, '-t', target))
}

/** The terminals of browsers say so when they attach (attach.ts). */
async function isOwnViewer(connection: ControlConnection, client: string): Promise<boolean> {
  const blocks = await connection.run(command('list-clients', '-F', '#{client_flags} #{client_name}'))
  const line = blocks.flatMap(({ lines }) => lines).find((each) => each.endsWith(` ${client}`))
  return line === undefined || line.split(' ')[0]!.split(',').includes('active-pane')
}

/** tmux's client survives its parent when it can't get its output away; it is ended by its own id. */
function endStaleClient(line: string) {
  const [pid, session] = line.split(' ')
  if (!isLeftover(session ?? '')) return
  try {
    process.kill(Number(pid), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
