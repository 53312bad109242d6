import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { createInterface, type Interface } from 'node:readline/promises'
import { historyLine, maxHistoryLines } from './history.ts'
import { PasteFilter, pasteMode } from './paste.ts'

/** A person's terminal: one line that is being typed, and lines that appear above it at any time. */
export interface TypingScreen extends Disposable {
  /** Lines as they are sent, with their pastes whole; ends with `quit`, Ctrl-D or a second Ctrl-C. */
  lines(): AsyncIterable<string>
  /** Puts a line above the one that is being typed, which stays as it is. */
  say(line: string): void
  /** Newest first. */
  history(): string[]
  close(): void
}

export interface TypingOptions {
  prompt: string
  history: string[]
  /** What Tab offers for a line, and the part of it that they complete. */
  complete: (line: string) => Promise<[string[], string]>
}

export function openTypingScreen(
  { prompt, history, complete }: TypingOptions,
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stdout,
): TypingScreen {
  const filter = new PasteFilter()
  input.setRawMode(true)
  input.pipe(filter)
  output.write(pasteMode.on)
  const editor = createInterface({
    input: filter,
    output,
    terminal: true,
    prompt,
    history,
    historySize: maxHistoryLines,
    removeHistoryDuplicates: true,
    completer: complete,
  })
  let kept = history
  let isTyping = false
  editor.on('history', (lines: string[]) => {
    const sent = historyLine(filter.expand(lines[0] ?? ''))
    if (sent === null) lines.shift()
    else lines[0] = sent
    kept = lines
  })
  editor.on('SIGINT', () => clearOrLeave(editor))

  function close() {
    editor.close()
    input.unpipe(filter)
    input.setRawMode(false)
    input.pause()
    output.write(pasteMode.off)
  }

  async function* lines() {
    editor.prompt()
    isTyping = true
    for await (const line of editor) {
      isTyping = false
      yield filter.expand(line)
      editor.prompt()
      isTyping = true
    }
    isTyping = false
  }

  return {
    lines,
    say: (line) => (isTyping ? sayAbove(editor, output, line) : void output.write(`${line}\n`)),
    history: () => kept,
    close,
    [Symbol.dispose]: close,
  }
}

/** Ctrl-C throws a half-typed line away; on an empty line it leaves. */
function clearOrLeave(editor: Interface) {
  if (editor.line === '') return editor.close()
  editor.write(null, { ctrl: true, name: 'e' })
  editor.write(null, { ctrl: true, name: 'u' })
}

function sayAbove(editor: Interface, output: NodeJS.WriteStream, line: string) {
  moveCursor(output, 0, -editor.getCursorPos().rows)
  cursorTo(output, 0)
  clearScreenDown(output)
  output.write(`${line}\n`)
  // readline goes up by the rows it drew last; what it drew is gone, so that it starts on this row.
  Reflect.set(editor, 'prevRows', 0)
  editor.prompt(true)
}
