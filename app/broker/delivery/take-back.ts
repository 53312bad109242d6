import { composerShows } from './composer.ts'
import type { Delivery } from './deliver.ts'
import { readMarker } from './marker.ts'
import type { Tools } from '../tools.ts'
import { isAppError } from '../../core/errors.ts'

/**
 * - `nothing`: nothing of ours was in the pane.
 * - `emptied`: our text was in the box and is out of it.
 * - `left`: our text is still in the box; a person has to clear it.
 * - `entered`: too late, Enter was pressed.
 */
export type TakenBack = 'nothing' | 'emptied' | 'left' | 'entered'

const presses = 8
const redrawMs = 150

/** Takes a pasted text out of the box again, as long as the box shows it and nothing else. */
export async function takeBack(tools: Tools, delivery: Delivery, signal: AbortSignal): Promise<TakenBack> {
  const { profile } = delivery
  const pasted = profile.pastedPattern === null ? null : new RegExp(profile.pastedPattern, 'u')
  for (let press = 0; press <= presses; press += 1) {
    signal.throwIfAborted()
    const look = await tools.host.look(delivery.pane, profile.guards).catch((error: unknown) => {
      if (isAppError(error, 'not_found') || isAppError(error, 'unavailable')) return null
      throw error
    })
    if (!look) return 'nothing'
    const marker = readMarker(look.marker, delivery.token)
    if (!marker) return 'nothing'
    if (marker.phase === 'entered') return 'entered'
    const reading = tools.reader.read(look)
    const shows = composerShows(reading.composer, delivery.text, pasted, delivery.agentCommand)
    if (shows === 'nothing') return 'emptied'
    if (shows === 'other' && press === 0) return 'left'
    await tools.host.press(look, profile.clearComposer, look.marker)
    await tools.clock.sleep(redrawMs, signal)
  }
  return 'left'
}
