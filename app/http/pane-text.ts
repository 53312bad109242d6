import type { PaneRef, SessionHost } from '../core/host.ts'

/** Higher than any screen: the rows below the last text do not count as lines. */
const blankRows = 200

/** The last `lines` lines of a pane that end with text, as they are drawn. Throws `not_found`, `unavailable`. */
export async function paneText(host: SessionHost, pane: PaneRef, lines: number): Promise<string> {
  const text = (await host.history(pane, lines + blankRows)).trimEnd()
  return text.split('\n').slice(-lines).join('\n')
}
