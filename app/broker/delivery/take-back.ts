import { composerShows } from './composer.ts'
import type { Delivery } from './deliver.ts'
import { readMarker } from './marker.ts'
import type { Tools } from '../tools.ts'
import { isAppError, isSilence } from '../../core/errors.ts'
import type { Look } from '../../core/host.ts'

/**
 * - `nothing`: nothing of ours was in the pane.
 * - `emptied`: our text was in the box and is out of it.
 * - `left`: our text is still in the box; a person has to clear it.
 * - `entered`: too late, Enter was pressed.
 */
export type TakenBack = 'nothing' | 'emptied' | 'left' | 'entered'

const presses = 8
const redrawMs = 150

/** Takes a pasted text out of the box again before its Enter, as long as the box shows it and nothing else. */
export async function takeBack(tools: Tools, delivery: Delivery, signal: AbortSignal): Promise<TakenBack> {
  const look = await lookAt(tools, delivery)
  const marker = look && readMarker(look.marker, delivery.token)
  if (!marker) return 'nothing'
  return marker.phase === 'entered' ? 'entered' : emptyBox(tools, delivery, signal)
}

/**
 * Clears our text from the box, in the agent's own way; somebody else's is left alone. Claude puts a prompt
 * that was interrupted before its first output back there, and the next one would be appended to it.
 */
export async function emptyBox(
  tools: Tools,
  delivery: Pick<Delivery, 'pane' | 'profile' | 'text' | 'agentCommand'>,
  signal: AbortSignal,
): Promise<'nothing' | 'emptied' | 'left'> {
  const { profile, text, agentCommand } = delivery
  for (let press = 0; press <= presses; press += 1) {
    signal.throwIfAborted()
    const look = await lookAt(tools, delivery)
    if (!look) return 'nothing'
    const shows = composerShows(tools.reader.read(look).composer, text, profile.pastedPattern, agentCommand)
    if (shows === 'nothing') return press === 0 ? 'nothing' : 'emptied'
    // After the first press the box shows a part of ours.
    if (shows === 'other' && press === 0) return 'left'
    await tools.host.press(look, profile.clearComposer, look.marker)
    await tools.clock.sleep(redrawMs, signal)
  }
  return 'left'
}

/** null: the pane is gone, or tmux does not answer. */
async function lookAt(
  tools: Tools,
  { pane, profile }: Pick<Delivery, 'pane' | 'profile'>,
): Promise<Look | null> {
  try {
    return await tools.host.look(pane, profile.guards)
  } catch (error) {
    if (isAppError(error, 'not_found') || isSilence(error)) return null
    throw error
  }
}
