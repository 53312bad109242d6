import type { Config } from '../config.ts'
import { attachCommand } from '../core/attach.ts'
import { paneOf } from '../core/host.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'

/**
 * Of a dialog whose options could not be read, as several questions in tabs: that a key would be a guess, and how to
 * get to its pane. null where it can be answered from here, is not drawn yet, or is over.
 */
export function answerInPane(
  { state, options, screenDigest, sessionKey, sessionName, node }: StoredInteraction,
  here: Pick<Config, 'node' | 'tmuxSocket'>,
): string | null {
  const isOpen = state === 'open' || state === 'unknown'
  if (!isOpen || screenDigest === null || options.length > 0) return null
  const { server } = paneOf(sessionKey)
  const command = node === here.node ? attachCommand(sessionName, server, here.tmuxSocket) : null
  const where = command ?? `the session ${sessionName} in tmux on ${node}`
  return `Its options could not be read with certainty, so answer it in its pane: ${where}`
}
