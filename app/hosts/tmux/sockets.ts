/** One tmux server: how it is called here, and how tmux is told which one is meant. */
export interface Socket {
  label: string
  args: string[]
}

/**
 * Reads `ARCHITECT_TMUX_SOCKET`: a name is `tmux -L`, a value with a slash is `tmux -S`, commas separate
 * several servers; nothing at all is the user's own server.
 */
export function parseSockets(value: string | null): Socket[] {
  const names = (value ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  if (names.length === 0) return [{ label: 'default', args: [] }]
  return names.map((name) => ({
    label: labelOf(name),
    args: name.includes('/') ? ['-S', name] : ['-L', name],
  }))
}

/** A label stands in session keys between slashes. */
function labelOf(name: string): string {
  return name.replace(/^\/+/, '').replaceAll('/', '.')
}
