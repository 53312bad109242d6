import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interrupt } from '../../broker/commands.ts'
import { waitFor } from '../wait-for.ts'
import { awkwardTexts, basicTexts, testArrival } from './arrival.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { askingArgs } from './situations.ts'
import { testYesAndNo } from './yes-and-no.ts'

/** A test file for each agent calls this, so that two of them are tried side by side. */
export function describeBroker(kind: 'claude' | 'codex'): void {
  describe(`a real ${kind} behind the broker`, () => {
    let broker: RealBroker

    beforeAll(async () => {
      broker = await startRealBroker(kind, { args: askingArgs[kind] })
    })
    afterAll(() => broker[Symbol.asyncDispose]())

    testArrival(() => broker, [...basicTexts, ...awkwardTexts])
    testYesAndNo(() => broker)

    test('prompts arrive once each although the assigner is killed again and again', async () => {
      const before = broker.stub.prompts().length
      const texts = Array.from({ length: 3 }, (_, n) => `kill test ${n} [[sleep 1]]`)
      const ids: number[] = []
      for (const text of texts) ids.push(await broker.send(text))

      for (let kills = 0; kills < 3; kills += 1) {
        await sleep(1_200 + 350 * kills)
        await broker.killAssigner()
      }
      for (const id of ids) expect((await broker.settled(id)).prompt.state).toBe('completed')

      expect(broker.stub.prompts().slice(before).toSorted()).toEqual(texts)
    })

    test('a running turn is interrupted in the way of the agent, and the next prompt follows', async () => {
      const id = await broker.send('slow [[stream 30]] [[long 60]]')
      await broker.when(id, ({ state }) => state === 'in_progress')
      await sleep(2_500)

      await interrupt(broker.database, id, Date.now())
      const { prompt, attempt } = await broker.settled(id)
      const next = await broker.settled(await broker.send('and now this'))

      expect(prompt.state).toBe('cancelled')
      expect(attempt.outcome).toBe('interrupted')
      expect(next.prompt.state).toBe('completed')
    })

    test.each([
      ['one line', 'nothing yet [[sleep 20]]'],
      ['many lines', `nothing yet [[sleep 20]]${'\nand a line'.repeat(30)}`],
    ])(
      'a turn that is interrupted before its first output (%s) leaves nothing in the box for the next prompt',
      async (_what, text) => {
        const before = broker.stub.prompts().length
        const id = await broker.send(text)
        await broker.when(id, ({ state }) => state === 'in_progress')
        await waitFor(async () => broker.stub.prompts().length > before, 'the prompt at the model', 10_000)

        await interrupt(broker.database, id, Date.now())
        const { prompt } = await broker.settled(id)
        const next = await broker.settled(await broker.send('whole and alone'))

        expect(prompt.state).toBe('cancelled')
        expect(next.prompt.state).toBe('completed')
        expect(broker.stub.prompts().slice(before + 1)).toEqual(['whole and alone'])
      },
    )

    test('an error of the model fails the prompt with its words', async () => {
      const { prompt } = await broker.settled(await broker.send('fail [[error 400]]'))

      expect(prompt.state).toBe('failed')
      expect(prompt.reason).toContain('400')
    })
  })
}
