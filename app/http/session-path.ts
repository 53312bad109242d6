import type { StoredSession } from '../db/sessions.ts'

/** The address of a session's page: `/sessions/pi-1/default/7`. */
export function sessionPath({
  node,
  server,
  paneId,
}: Pick<StoredSession, 'node' | 'server' | 'paneId'>): string {
  return `/sessions/${[node, server, paneId.replace('%', '')].map(encodeURIComponent).join('/')}`
}

/** The same for the key under which a session is stored: `pi-1/default/%7`. */
export function pathOfKey(key: string): string {
  const [node = '', ...rest] = key.split('/')
  const paneId = rest.pop() ?? ''
  return sessionPath({ node, server: rest.join('/'), paneId })
}

/** The key of the session that such an address means. */
export function keyOfPath({ node, server, pane }: { node: string; server: string; pane: string }): string {
  return `${node}/${server}/%${pane}`
}
