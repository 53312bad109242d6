/**
 * Which characters may stand in a shell text that is allowed without a person. Control characters can redraw what a
 * person sees; invisible ones and look-alikes make two different texts look the same. Letters of European languages,
 * Chinese, Japanese and Korean and a few marks that people write in commit messages are safe: no shell gives them a
 * meaning.
 */
const harmlessCharacter =
  /^[\t\n\u0020-\u007E\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u017F\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\uAC00-\uD7A3–—…→←✓✔✗•€§°]$/u

/** Longer texts are left to a person. */
export const maxCommandLength = 16_384

/** Why the characters of a text alone forbid to trust it; null when they don't. */
export function doubtfulCharacters(text: string): string | null {
  if (text.length > maxCommandLength) return `it is longer than ${maxCommandLength} characters`
  if (/^[\t\n\u0020-\u007E]*$/.test(text)) return null
  for (const character of text) {
    const plain = character.normalize('NFKC') === character
    if (plain && harmlessCharacter.test(character)) continue
    return `it contains the character U+${codeOf(character)}, which can hide what it does`
  }
  return null
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
