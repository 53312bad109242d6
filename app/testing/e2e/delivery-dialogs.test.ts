import { expect, test } from 'vitest'
import type { ScriptedEvent } from '../scripted-agent/scripted-agent.ts'
import { startBroker, type TestBroker } from '../broker.ts'

/** How long a dialog stays open in these tests, in ms: time for many looks. */
const openForMs = 1_200

test.concurrent('a dialog that opens between look and paste is never answered, and the prompt arrives once afterwards', async () => {
  await using broker = await startBroker()
  broker.once('before', 'paste', () => openDialog(broker, 'Allow this command?'))

  const id = await broker.send('not as an answer')
  const { prompt } = await broker.settled(id)

  expect(prompt.state).toBe('completed')
  expect(await answersOf(broker)).toEqual([])
  expect(await broker.agent('a').prompts()).toEqual(['not as an answer'])
})

test.concurrent('a dialog that opens between paste and Enter is never answered, and the prompt arrives once afterwards', async () => {
  await using broker = await startBroker()
  broker.once('before', 'submit', () => openDialog(broker, 'Allow this command?'))

  const id = await broker.send('no Enter for you')
  const { prompt } = await broker.settled(id)

  expect(prompt.state).toBe('completed')
  expect(await answersOf(broker)).toEqual([])
  expect(await broker.agent('a').prompts()).toEqual(['no Enter for you'])
})

test.concurrent('a dialog that opens in the same breath as the paste is never answered', async () => {
  const events: ScriptedEvent[] = [
    { on: 'paste', do: 'dialog', kind: 'permission' },
    { on: 'paste', afterMs: openForMs, do: 'close_dialog' },
  ]
  await using broker = await startBroker({ agents: { a: { events } } })

  const id = await broker.send('pasted behind a dialog')
  const { prompt } = await broker.settled(id)

  expect(prompt.state).toBe('completed')
  expect(await answersOf(broker)).toEqual([])
  expect(await broker.agent('a').prompts()).toEqual(['pasted behind a dialog'])
})

test.concurrent('a session that asks something gets no prompt until it was answered', async () => {
  const events: ScriptedEvent[] = [{ on: 'now', do: 'dialog', kind: 'question' }]
  await using broker = await startBroker({ agents: { a: { events } } })

  const id = await broker.send('after the question')
  const waiting = await broker.when(id, ({ waitingFor }) => waitingFor === 'a is question', 'its reason')
  await broker.agent('a').tell({ events: [{ on: 'now', do: 'close_dialog' }] })
  const { attempts } = await broker.settled(id)

  expect(waiting.attempts).toEqual([])
  expect(attempts).toHaveLength(1)
  expect(await answersOf(broker)).toEqual([])
})

test.concurrent('a turn that asks for permission is left to a person, and its timeout stands still', async () => {
  await using broker = await startBroker({ agents: { a: { ask: 'permission' } } })

  const id = await broker.send('ask me first', { timeoutMinutes: 5 / 60 })
  await broker.shows('a', 'Allow this command?')
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  const asked = await broker.when(id, () => true, 'a look at it')
  await broker.server.run('send-keys', '-t', broker.agent('a').pane.paneId, 'Enter')
  const { prompt, attempts } = await broker.settled(id)

  expect(asked.prompt.state).toBe('in_progress')
  expect(prompt.state).toBe('completed')
  expect(attempts[0]!.pausedMs).toBeGreaterThan(5_000)
})

test.concurrent('the timeout stands still while a turn asks, although the machine sleeps and another assigner takes over', async () => {
  await using broker = await startBroker({ agents: { a: { ask: 'permission' } } })

  const id = await broker.send('ask me late', { timeoutMinutes: 1 })
  await broker.shows('a', 'Allow this command?')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  broker.time.aheadMs = 10 * 60_000
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await broker.stop()
  await broker.start()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await broker.server.run('send-keys', '-t', broker.agent('a').pane.paneId, 'Enter')
  const { prompt, attempts } = await broker.settled(id)

  expect(prompt).toMatchObject({ state: 'completed', reason: null })
  expect(attempts[0]!.pausedMs).toBeGreaterThan(9 * 60_000)
})

/** Opens a permission dialog and returns when tmux shows it; from then on it stays open for some time. */
async function openDialog(broker: TestBroker, title: string) {
  const agent = broker.agent('a')
  await agent.tell({ events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  await broker.shows('a', title)
  await agent.tell({ events: [{ on: 'now', afterMs: openForMs, do: 'close_dialog' }] })
}

/** Everything that was chosen, refused or typed in a dialog. */
async function answersOf(broker: TestBroker) {
  const answers = ['APPROVED', 'chose', 'dialog_cancelled']
  return (await broker.agent('a').log()).filter(({ type }) => answers.includes(type))
}
