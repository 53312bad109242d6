import type { Composer } from '../../core/session.ts'

/**
 * What of our prompt stands in an agent's input box.
 *
 * - `ours`: the whole text, its visible part where the box scrolls, or the agent's stand-in for a long paste.
 * - `other`: something that is not ours is in the box, alone or mixed with ours. Never press Enter on it.
 */
export type ComposerShows = 'nothing' | 'ours' | 'other'

export function composerShows(
  composer: Composer | null,
  prompt: string,
  pastedPattern: RegExp | null,
  agentCommand = false,
): ComposerShows {
  const shown = ink(composer?.text ?? '')
  if (shown === '') return 'nothing'
  const whole = ink(prompt)
  if (shown === whole) return 'ours'
  // A box in shell mode shows `!ls` as its own sign and the rest.
  if (agentCommand && shown === whole.slice(1)) return 'ours'
  if (pastedPattern && isStandIn(composer?.text ?? '', prompt, pastedPattern)) return 'ours'
  return shown.length >= leastVisiblePart && whole.includes(shown) ? 'ours' : 'other'
}

/** A box that scrolls shows a part; a part shorter than this could as well be a person's word. */
const leastVisiblePart = 80

/** The text without what wrapping, trimming and the agents' own normal forms change. */
function ink(text: string): string {
  return text
    .normalize('NFC')
    .replace(joinedEmoji, '')
    .replace(/(?:\s|\p{Default_Ignorable_Code_Point})+/gu, '')
}

/** All but the first of emoji that are joined to one: tmux keeps 21 bytes of a cell and drops the rest. */
const joinedEmoji = /\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*/gu

/** The box holds stand-ins and pieces of our text only; a stand-in that counts has to count right. */
function isStandIn(shown: string, prompt: string, pastedPattern: RegExp): boolean {
  const pattern = new RegExp(pastedPattern.source, flagsWithGlobal(pastedPattern))
  const standIns = [...shown.matchAll(pattern)]
  if (standIns.length !== 1) return false
  const rest = ink(shown.replace(pattern, ''))
  return rest === '' || (rest.length < ink(prompt).length && ink(prompt).includes(rest))
}

function flagsWithGlobal(pattern: RegExp): string {
  return pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`
}
