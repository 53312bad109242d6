/**
 * Whether what an agent recorded is what was sent. Agents change a prompt on its way: tabs become blanks,
 * accents are composed, zero-width spaces go, blanks at the ends go, a newline may double, and long pastes are
 * wrapped. What is left is compared exactly.
 */
export function sameArrivedText(sent: string, seen: string): boolean {
  return normalForm(sent) === normalForm(seen)
}

/** The form in which prompts are compared: composed accents, single blanks, no wrapper. */
function normalForm(text: string): string {
  return withoutWrapper(text).normalize('NFC').replace(invisible, '').replace(/\s+/gu, ' ').trim()
}

const invisible = /[\u200b-\u200d\u2060\ufeff]/gu

/** Claude marks a long paste for the model; the id changes with every session. */
function withoutWrapper(text: string): string {
  return text.replace(/<pasted_content id="[^"]*">\n?([^]*?)\n?<\/pasted_content id="[^"]*">/gu, '$1')
}
