import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'

/** How long a dialog stays open under the eyes of the assigner, in ms. */
const openForMs = 1_500

describe('a dialog of a real claude that opens over a pasted prompt', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('claude', { here: true, args: ['--permission-mode', 'default'] })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each(['after paste', 'before submit'] as const)(
    'is never answered: permission, asked by a turn that Claude began by itself %s',
    async (moment) => {
      const { pane, dir } = broker.agent
      const [go, made] = [join(dir, `go ${moment}`), join(dir, `made-${moment.slice(0, 5)}`)]
      await promisify(execFile)('mkfifo', [go])
      await sayHeard(
        broker.agent,
        broker.stub,
        `watch [[background cat "${go}"]] [[then]] [[bash touch ${made}]]`,
      )
      await pane.waitFor(/· 1 shell/)
      broker.hooks.add(moment, async () => {
        await writeFile(go, '')
        await pane.waitFor(/Do you want to proceed/)
      })

      const id = await broker.send(`no answer to a permission, ${moment}`)
      await pane.waitFor(/Do you want to proceed/)
      await sleep(openForMs)
      const during = await broker.when(id, () => true)
      const madeUnasked = existsSync(made)
      await pane.press('Enter')
      const { prompt, attempts } = await broker.settled(id)

      expect(madeUnasked).toBe(false)
      expect(during.attempt).toMatchObject({ phase: 'typed', outcome: null })
      expect(prompt).toMatchObject({ state: 'completed', reason: null })
      expect(attempts).toHaveLength(1)
      expect(existsSync(made)).toBe(true)
      expect(heard(broker, moment)).toEqual([`no answer to a permission, ${moment}`])
    },
  )
})

describe.each([
  { kind: 'claude', key: 'M-p', shows: /Select model/ },
  { kind: 'codex', key: 'F2', shows: /dismiss & close/ },
] as const)('a panel of a real $kind that opens over a pasted prompt', ({ kind, key, shows }) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind, { here: true })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('takes no Enter, and the prompt arrives once when a person closed it', async () => {
    const { pane } = broker.agent
    await broker.settled(await broker.send('hello first'))
    broker.hooks.add('before submit', async () => {
      await pane.press(key)
      await pane.waitFor(shows)
    })

    const id = await broker.send('not for a panel')
    await pane.waitFor(shows)
    await sleep(openForMs)
    const screen = await pane.text()
    await pane.press('Escape')
    const { prompt, attempts } = await broker.settled(id)

    expect(screen).toMatch(shows)
    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toHaveLength(1)
    expect(heard(broker, 'not for a panel')).toEqual(['not for a panel'])
  })
})

function heard({ stub }: RealBroker, words: string): string[] {
  return stub.prompts().filter((prompt) => prompt.includes(words) && !prompt.includes('[['))
}
