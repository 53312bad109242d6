import { basename, resolve } from 'node:path'

/** How one tmux server is reached, and what it is called in a pane's key. */
export interface TmuxSocket {
  /** Free of slashes, so that `server/%7` and `node/server/%7` can be taken apart; unique among the servers. */
  label: string
  /** Arguments that lead the tmux client there: `-L name` or `-S /path`. */
  args: string[]
  /** The tmux program, where it is not the one in PATH. */
  program?: string
}

/**
 * Reads `ARCHITECT_TMUX_SOCKET`: a name is `-L`, a value with `/` is `-S`, commas separate several servers.
 * Nothing means the user's own server, `default`.
 */
export function parseSockets(value: string | null = null): TmuxSocket[] {
  const names = [...new Set((value ?? '').split(',').map((name) => name.trim()))].filter(
    (name) => name !== '',
  )
  const sockets = (names.length === 0 ? ['default'] : names).map(socketOf)
  return sockets.map((socket, index) => ({ ...socket, label: uniqueLabel(sockets, index) }))
}

function socketOf(name: string): TmuxSocket {
  if (!name.includes('/')) return { label: name, args: ['-L', name] }
  return { label: basename(name) || 'socket', args: ['-S', resolve(name)] }
}

function uniqueLabel(sockets: TmuxSocket[], index: number): string {
  const label = sockets[index]!.label
  const earlier = sockets.slice(0, index).filter((socket) => socket.label === label).length
  return earlier === 0 ? label : `${label}~${earlier + 1}`
}
