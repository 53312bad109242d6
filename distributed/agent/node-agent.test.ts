import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startNodeAgent, startNodeWorld } from '../../app/testing/node-world.ts'
import { waitFor } from '../../app/testing/wait-for.ts'
import { MemoryHost } from '../simulator/memory-host.ts'

test('an agent that has ended writes no more to its log, although a report of it was never answered', async () => {
  let reports = 0
  await using nodes = await startNodeWorld({
    report() {
      reports += 1
      return new Promise(() => {})
    },
  })
  const said: string[] = []
  const note = (_data: object, message: string) => void said.push(message)
  const log = { info: note, warn: note, error: note }
  const agent = startNodeAgent({
    url: nodes.url,
    name: 'pi',
    key: 'key of pi',
    host: new MemoryHost({ node: 'pi' }),
    log,
  })
  await waitFor(async () => reports > 0, 'its report')

  await agent[Symbol.asyncDispose]()
  const saidBefore = said.length
  await sleep(100)

  expect(said.slice(saidBefore)).toEqual([])
  expect(said).toContain('a report was not answered')
})
