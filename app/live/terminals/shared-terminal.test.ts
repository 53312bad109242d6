import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { AttachedTerminal, TerminalSize } from '../../core/terminal.ts'
import type { Log } from '../../log.ts'
import { SharedTerminal } from './shared-terminal.ts'

test('of a hundred sizes at once tmux is asked for the first and the last', async () => {
  const asked: (TerminalSize | null)[] = []
  const shared = new SharedTerminal(terminalThatFits(asked), quietLog)
  const sizes = Array.from({ length: 100 }, (_, n) => ({ columns: 80 + n, rows: 24 }))

  await Promise.all(sizes.map((size) => shared.fit(size)))
  await shared.fit(null)
  await shared.close()

  expect(asked).toEqual([sizes[0], sizes.at(-1), null])
})

function terminalThatFits(asked: (TerminalSize | null)[]): AttachedTerminal {
  return {
    size: { columns: 80, rows: 24 },
    pid: 1,
    ended: new Promise(() => {}),
    onOutput() {},
    write() {},
    pause() {},
    resume() {},
    redraw: () => Promise.resolve(),
    followWindow: () => Promise.resolve(false),
    async fit(size) {
      asked.push(size)
      await sleep(5)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const quietLog: Log = {
  path: '',
  json: pino({ level: 'silent' }),
  progress() {},
  [Symbol.dispose]() {},
}
