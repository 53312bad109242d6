import { expect, test } from 'vitest'
import { answerInteraction } from '../../broker/interactions/answer.ts'
import type { Wish } from '../../broker/interactions/answer-of.ts'
import type { Decide } from '../../broker/interactions/judge.ts'
import { createReader } from '../../agents/reader.ts'
import { loadLibrary } from '../../agents/library.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { systemClock } from '../../core/clock.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { startBroker, type TestBroker } from '../broker.ts'
import { waitFor } from '../wait-for.ts'

const ada = { kind: 'user', name: 'ada', address: null } as const

/** Commands that begin with "ok" are allowed, with "bad" denied, all others asked. */
const decide: Decide = ({ input, inputWhole }, { trusted }) => {
  const by = { kind: 'pattern', id: 1, version: 3 } as const
  const command = input.command ?? ''
  if (!inputWhole || !trusted) return { effect: 'ask', by, also: [], reason: 'not certain' }
  const effect = command.startsWith('ok') ? 'allow' : command.startsWith('bad') ? 'deny' : 'ask'
  return { effect, by, also: [], reason: 'the rule of the test' }
}

async function whenAsked(
  { database }: TestBroker,
  fits: (one: StoredInteraction) => boolean,
  what: string,
): Promise<StoredInteraction> {
  return waitFor(
    async () => (await listInteractions(database.kysely, { limit: 50 })).find(fits) ?? null,
    what,
    15_000,
  )
}

/** Answers as the dashboard does, from a process of its own. */
async function answer({ database, server, config }: TestBroker, id: number, wish: Wish) {
  await using host = new TmuxHost({ node: 'test', sockets: [server.socket] })
  const reader = createReader(loadLibrary(config.dataDir))
  return await answerInteraction(
    { database, host, reader, clock: systemClock },
    id,
    wish,
    ada,
    `t-${Math.random()}`,
  )
}

test('a rule allows one command and denies another, in sessions that work on prompts of nobody', async () => {
  await using broker = await startBroker({
    agents: { good: { command: 'ok ls' }, evil: { command: 'bad rm' }, odd: { command: 'who knows' } },
    decide,
  })
  for (const name of ['good', 'evil', 'odd']) {
    await broker.agent(name).tell({
      command: { good: 'ok ls', evil: 'bad rm', odd: 'who knows' }[name]!,
      events: [{ on: 'now', do: 'dialog', kind: 'permission' }],
    })
  }

  const allowed = await whenAsked(
    broker,
    (one) => one.sessionName === 'good' && one.state === 'answered',
    'a yes',
  )
  const denied = await whenAsked(
    broker,
    (one) => one.sessionName === 'evil' && one.state === 'answered',
    'a no',
  )
  const waits = await whenAsked(
    broker,
    (one) => one.sessionName === 'odd' && one.decision !== null,
    'a question',
  )

  expect(allowed).toMatchObject({
    input: { command: 'ok ls' },
    decidedBy: { kind: 'pattern', id: 1, version: 3 },
  })
  expect(denied).toMatchObject({ answer: { meaning: 'deny' } })
  expect(waits).toMatchObject({ state: 'open', decision: { effect: 'ask' } })
  expect((await broker.agent('good').log()).filter(({ type }) => type === 'APPROVED')).toMatchObject([
    { text: 'ok ls' },
  ])
  expect((await broker.agent('evil').log()).map(({ type }) => type)).not.toContain('APPROVED')
  expect((await broker.agent('evil').log()).map(({ option }) => option)).toContain('No')
})

test('a person answers what waits, once, and whoever comes second is told', async () => {
  await using broker = await startBroker({ agents: { a: {} }, decide })
  await broker.agent('a').tell({ command: 'make', events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  const { id } = await whenAsked(broker, ({ state }) => state === 'open', 'the question')

  const both = await Promise.allSettled([
    answer(broker, id, { say: 'approve' }),
    answer(broker, id, { say: 'deny' }),
  ])

  const won = both.filter(({ status }) => status === 'fulfilled')
  expect(won).toHaveLength(1)
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: {
      code: 'conflict',
      message: expect.stringMatching(/Cannot decide interaction \d+: it (?:is being|was) answered by ada/),
    },
  })
  const log = await broker.agent('a').log()
  expect(log.filter(({ type }) => type === 'APPROVED' || type === 'chose')).toHaveLength(1)
})

test('what is answered in the pane itself is over, and what replaces it is another question', async () => {
  await using broker = await startBroker({ agents: { a: {} }, decide })
  const agent = broker.agent('a')
  await agent.tell({ command: 'one', events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  const first = await whenAsked(broker, ({ input }) => input.command === 'one', 'the first')

  await agent.tell({ command: 'two', events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  await whenAsked(broker, ({ input }) => input.command === 'two', 'the second')
  await broker.server.run('send-keys', '-t', agent.pane.paneId, '2')
  const second = await whenAsked(
    broker,
    ({ input, state }) => input.command === 'two' && state !== 'open',
    'its end',
  )

  const all = await listInteractions(broker.database.kysely, { limit: 9 })
  expect(all.find(({ id }) => id === first.id)).toMatchObject({ state: 'stale' })
  expect(second).toMatchObject({ state: 'elsewhere', answer: null })
  await expect(answer(broker, first.id, { say: 'approve' })).rejects.toThrow(
    /it is stale \(the session asks something else now\)/,
  )
})
