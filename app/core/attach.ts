import { basename } from 'node:path'
import { quoted } from './shell-quote.ts'

/**
 * What a person types on a session's machine to stand before it. `server` is its label, `sockets` what
 * `ARCHITECT_TMUX_SOCKET` says there; null where that does not tell which server it is.
 */
export function attachCommand(
  sessionName: string,
  server: string,
  sockets: string | null | undefined,
): string | null {
  const socket = socketOf(server, sockets)
  return socket === null ? null : `tmux ${socket}attach -t ${quoted(`=${sessionName}`)}`
}

function socketOf(server: string, sockets: string | null | undefined): string | null {
  const named = (sockets ?? '').split(',').map((each) => each.trim())
  const meant = named.filter((each) => each !== '' && basename(each) === server)
  if (meant.length > 1) return null
  const [only] = meant
  if (only === undefined) return server === 'default' ? '' : null
  return only.includes('/') ? `-S ${quoted(only)} ` : `-L ${quoted(only)} `
}
