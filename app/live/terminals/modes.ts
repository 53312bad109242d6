/*
 * What tmux has switched on in the terminals of its viewers: the alternate screen, application keys, mouse
 * reports, bracketed paste. tmux says it once, when it attaches; who comes later, or has missed something, is
 * told it again before a redraw.
 */

/** Modes that were set or reset, keypad modes, and what may be the beginning of one at the end of a text. */
const sequences = /\u001b\[\?([0-9;]+)([hl])|\u001b([=>])/g
const unfinished = /\u001b(?:\[(?:\?[0-9;]*)?)?$/

export class TerminalModes {
  readonly #modes = new Map<string, 'h' | 'l'>()
  #keypad = ''
  #rest = ''

  read(text: string): void {
    const whole = this.#rest + text
    for (const [, modes, value, keypad] of whole.matchAll(sequences)) {
      if (keypad) this.#keypad = `\u001b${keypad}`
      for (const mode of modes?.split(';') ?? []) this.#modes.set(mode, value as 'h' | 'l')
    }
    this.#rest = unfinished.exec(whole)?.[0] ?? ''
  }

  /** What makes a fresh terminal like those that saw everything. */
  restore(): string {
    const modes = [...this.#modes].map(([mode, value]) => `\u001b[?${mode}${value}`)
    return modes.join('') + this.#keypad
  }
}
