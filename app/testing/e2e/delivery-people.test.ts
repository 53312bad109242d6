import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { paneKey } from '../../core/host.ts'
import type { Prompt } from '../../core/prompt.ts'
import { releasePaneLease, takePaneLease } from '../../db/leases.ts'
import { startBroker, type TestBroker } from '../broker.ts'

test.concurrent('a half-typed text holds the prompt back until it is gone, and is not touched', async () => {
  const events = [{ on: 'now' as const, do: 'type' as const, text: 'half a thought' }]
  await using broker = await startBroker({ agents: { a: { events } } })

  const id = await broker.send('patience')
  const waiting = await broker.when(id, ({ waitingFor }) => waitingFor !== null, 'its reason')
  const received = await broker.agent('a').received()
  await broker.agent('a').tell({ events: [{ on: 'now', do: 'clear_draft' }] })
  await broker.settled(id)

  expect(waiting.prompt.waitingFor).toBe('a is holding a half-typed text')
  expect(received).toHaveLength(0)
  expect(await broker.agent('a').prompts()).toEqual(['patience'])
})

test.concurrent('a person who begins to type between look and paste keeps their text; the prompt comes after it', async () => {
  await using broker = await startBroker()
  broker.once('before', 'paste', () => type(broker, 'my own words'))

  const id = await broker.send('ours')
  await broker.when(id, isReleased, 'its release')
  await broker.shows('a', '❯ my own words')
  await press(broker, 'Enter')
  await broker.settled(id)

  expect(await broker.agent('a').prompts()).toEqual(['my own words', 'ours'])
})

test.concurrent('a person who types behind our paste is waited for; their words are never submitted with ours', async () => {
  await using broker = await startBroker()
  broker.once('before', 'submit', () => type(broker, ' and mine'))

  const id = await broker.send('ours')
  await broker.shows('a', '❯ ours and mine')
  await sleep(1_500)
  const meanwhile = await broker.agent('a').prompts()
  for (const _letter of ' and mine') await press(broker, 'BSpace')
  await broker.settled(id)

  expect(meanwhile).toEqual([])
  expect(await broker.agent('a').prompts()).toEqual(['ours'])
})

test.concurrent('a person who takes our text out of the box stops nothing: it is given back and pasted again', async () => {
  await using broker = await startBroker()
  broker.once('before', 'submit', async () => {
    await broker.agent('a').tell({ events: [{ on: 'now', do: 'clear_draft' }] })
    await broker.showsNoMore('a', 'once more')
  })

  const id = await broker.send('once more')
  const { attempts } = await broker.settled(id)

  expect(attempts.map(({ outcome }) => outcome)).toEqual(['released', 'completed'])
  expect(await broker.agent('a').prompts()).toEqual(['once more'])
})

test.concurrent('copy mode holds a paste back, and does not let go of the session', async () => {
  await using broker = await startBroker()
  broker.once('before', 'paste', () => copyMode(broker))

  const id = await broker.send('after scrolling')
  const { attempts } = await broker.when(id, isReleased, 'its release')
  await press(broker, '-X', 'cancel')
  await broker.settled(id)

  expect(attempts).toMatchObject([{ phase: 'claimed', reason: 'somebody scrolls in the pane (copy mode)' }])
  expect(await broker.agent('a').prompts()).toEqual(['after scrolling'])
})

test.concurrent('copy mode between paste and Enter holds the Enter back, which is then pressed once', async () => {
  await using broker = await startBroker()
  const scrolled = new Promise<void>((resolve) => {
    broker.once('before', 'submit', () => copyMode(broker).then(() => resolve()))
  })

  const id = await broker.send('scrolled in between')
  await scrolled
  await sleep(1_000)
  const meanwhile = await broker.agent('a').prompts()
  await press(broker, '-X', 'cancel')
  const { attempts } = await broker.settled(id)

  expect(meanwhile).toEqual([])
  expect(attempts).toHaveLength(1)
  expect(await broker.agent('a').prompts()).toEqual(['scrolled in between'])
})

test.concurrent('a pane whose input is switched off gets nothing until it is on again', async () => {
  await using broker = await startBroker()
  const { paneId } = broker.agent('a').pane
  broker.once('before', 'paste', () => broker.server.run('select-pane', '-d', '-t', paneId))

  const id = await broker.send('input is back')
  await broker.when(id, isReleased, 'its release')
  const received = await broker.agent('a').received()
  await broker.server.run('select-pane', '-e', '-t', paneId)
  await broker.settled(id)

  expect(received).toHaveLength(0)
  expect(await broker.agent('a').prompts()).toEqual(['input is back'])
})

test.concurrent('a pane that somebody at the dashboard holds gets nothing until it is free', async () => {
  await using broker = await startBroker()
  const { epoch } = await hold(broker)

  const id = await broker.send('after you')
  const waiting = await broker.when(id, ({ waitingFor }) => waitingFor !== null, 'its reason')
  const received = await broker.agent('a').received()
  await broker.database.write((db) => releasePaneLease(db, paneKeyOf(broker), 'ada', epoch))
  await broker.settled(id)

  expect(waiting.prompt.waitingFor).toBe('a is in use by a person')
  expect(received).toHaveLength(0)
  expect(await broker.agent('a').prompts()).toEqual(['after you'])
})

test.concurrent('somebody at the dashboard who takes the pane between paste and Enter holds the Enter back', async () => {
  await using broker = await startBroker()
  let epoch = 0
  broker.once('after', 'paste', async () => {
    epoch = (await hold(broker)).epoch
  })

  const id = await broker.send('entered later')
  await broker.shows('a', 'entered later')
  await sleep(1_500)
  const meanwhile = await broker.agent('a').prompts()
  await broker.database.write((db) => releasePaneLease(db, paneKeyOf(broker), 'ada', epoch))
  const { attempts } = await broker.settled(id)

  expect(meanwhile).toEqual([])
  expect(attempts).toHaveLength(1)
  expect(await broker.agent('a').prompts()).toEqual(['entered later'])
})

const paneKeyOf = (broker: TestBroker) => `test/${paneKey(broker.agent('a').pane)}`

async function hold(broker: TestBroker): Promise<{ epoch: number }> {
  const now = Date.now()
  const held = await broker.database.write((db) =>
    takePaneLease(db, paneKeyOf(broker), 'ada', now + 60_000, now, true),
  )
  return held!
}

const isReleased = ({ state, attempts }: Prompt) => state === 'pending' && attempts > 0

/** Types as a person does, and returns when it is drawn. */
async function type(broker: TestBroker, text: string) {
  await press(broker, '-l', text)
  await broker.shows('a', text.trim())
}

function press(broker: TestBroker, ...keys: string[]) {
  return broker.server.run('send-keys', '-t', broker.agent('a').pane.paneId, ...keys)
}

function copyMode(broker: TestBroker) {
  return broker.server.run('copy-mode', '-t', broker.agent('a').pane.paneId)
}
