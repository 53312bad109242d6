import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadLibrary } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import { answerInteraction, type Wish } from '../../broker/interactions/answer.ts'
import { systemClock } from '../../core/clock.ts'
import { isAppError } from '../../core/errors.ts'
import type { NewPattern } from '../../core/pattern.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { advancePattern, createPattern } from '../../db/pattern/change.ts'
import { parseSockets } from '../../hosts/tmux/sockets.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { waitFor } from '../wait-for.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'
import { askingArgs } from './situations.ts'
import { realAgentKinds } from './versions.ts'

const ada = { kind: 'user', name: 'ada', address: null } as const

async function enable({ database }: RealBroker, rule: NewPattern) {
  await database.write(async (db) => {
    const { id } = await createPattern(db, rule, { createdBy: 'ada', madeFrom: null }, Date.now())
    await advancePattern(db, id, 'enable', Date.now())
  })
  await database.bus.notify('sessions')
}

function whenOpen(broker: RealBroker, words: RegExp) {
  return whenAsked(
    broker,
    ({ state, question, options }) => state === 'open' && words.test(question) && options.length > 0,
    String(words),
  )
}

function whenAsked({ database }: RealBroker, fits: (one: StoredInteraction) => boolean, what: string) {
  return waitFor(
    async () => (await listInteractions(database.kysely, { limit: 20 })).find(fits) ?? null,
    what,
    60_000,
  )
}

async function answer({ database, agent }: RealBroker, id: number, wish: Wish) {
  const sockets = parseSockets(agent.pane.socket)
  await using host = new TmuxHost({ node: 'test', sockets })
  const reader = createReader(loadLibrary())
  return await answerInteraction({ database, host, reader, clock: systemClock }, id, wish, ada, hostname())
}

describe('a real claude in manual mode', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('claude', { args: askingArgs.claude })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('runs a command that a pattern allows, and not the one that another denies', async () => {
    const { dir, pane } = broker.agent
    const say = (text: string) => sayHeard(broker.agent, broker.stub, text)
    const [good, evil] = [join(dir, 'good'), join(dir, 'evil')]
    await enable(broker, { name: 'good', effect: 'allow', conditions: { commands: [`touch ${good}`] } })
    await enable(broker, { name: 'evil', effect: 'deny', conditions: { commands: [`touch ${evil}`] } })

    await say(`please [[bash touch ${good}]]`)
    const allowed = await whenAsked(broker, ({ state }) => state === 'answered', 'the yes')
    await waitFor(async () => existsSync(good), 'what was allowed', 20_000)
    await pane.waitFor(/ECHO sha/)
    await say(`please [[bash touch ${evil}]]`)
    const denied = await whenAsked(
      broker,
      ({ id, state }) => id !== allowed.id && state === 'answered',
      'the no',
    )

    expect(allowed).toMatchObject({
      input: { command: `touch ${good}` },
      decidedBy: { kind: 'pattern', version: 1 },
      answer: { meaning: 'allow_once' },
    })
    expect(denied).toMatchObject({ answer: { meaning: 'deny' }, decidedBy: { kind: 'pattern' } })
    expect(existsSync(evil)).toBe(false)
  })

  test('gets an answer to each of several questions, on its tab, and is told to take them', async () => {
    const { pane } = broker.agent
    const asks = (words: RegExp) => whenOpen(broker, words)
    await sayHeard(broker.agent, broker.stub, 'please [[ask both]]')

    const database = await answer(broker, (await asks(/^Which database/)).id, { option: 2 })
    const language = await answer(broker, (await asks(/^Which language/)).id, { option: 1 })
    const review = await answer(broker, (await asks(/^Review your answers/)).id, { option: 1 })
    await pane.waitFor(/Which language should we use\? → Go/)

    expect([database.state, language.state, review.state]).toEqual(['answered', 'answered', 'answered'])
    expect(await pane.text()).toMatch(/Which database should we use\? → Postgres/)
  })

  test('gets words of a person as the answer to its question', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask]]')
    const { id, options } = await whenOpen(broker, /Which database/)

    const done = await answer(broker, id, { text: 'the staging database' })
    await pane.waitFor(/Which database should we use\? → the staging database/)

    expect(options.map(({ label }) => label)).toContain('SQLite (One file)')
    expect(done.state).toBe('answered')
  })
})

describe('a real codex in plan mode', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('codex', { args: askingArgs.codex })
    await sayHeard(broker.agent, broker.stub, 'hello first')
    await broker.agent.pane.waitFor(/ECHO sha/, 90_000)
    await whenIdle(broker)
    await waitFor(() => toPlanMode(broker), 'plan mode', 60_000)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('gets an option as the answer to one question, and words to the next', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask both]]')

    const first = await whenOpen(broker, /Which database/)
    const database = await answer(broker, first.id, { option: 2 })
    const second = await whenOpen(broker, /Which language/)
    const language = await answer(broker, second.id, { text: '3. Zig, or what you know best' })
    await pane.waitFor(/ECHO sha/)

    expect(first.options.map(({ label }) => label)).toEqual([
      'SQLite (One file)',
      'Postgres (Server)',
      'None of the above (Optionally, add details in notes (tab))',
    ])
    expect([database.state, language.state]).toEqual(['answered', 'answered'])
    expect(await pane.text()).toMatch(/answer: Postgres[\s\S]*3\. Zig, or what you know best/)
  })

  test('takes an option although somebody left words half written', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask]]')
    const { id } = await whenOpen(broker, /Which database/)
    await pane.press('Tab')
    await pane.type('half a thou')
    await pane.waitFor(/› half a thou/)

    const done = await answer(broker, id, { option: 1 })
    await pane.waitFor(/answer: SQLite[\s\S]*ECHO sha/)

    expect(done.state).toBe('answered')
    expect(await pane.text()).not.toContain('half a thou')
  })

  test('is sent back to planning, and told to begin', async () => {
    const { pane } = broker.agent
    const propose = (words: string) => `[[say <proposed_plan>\\n# ${words}\\n</proposed_plan>]]`
    await sayHeard(broker.agent, broker.stub, propose('First'))
    const first = await whenOpen(broker, /Implement this plan/)

    const back = await answer(broker, first.id, { say: 'deny' })
    await sayHeard(broker.agent, broker.stub, propose('Second'))
    const second = await whenAsked(
      broker,
      ({ id, state, options }) => id > first.id && state === 'open' && options.length > 0,
      'the second plan',
    )
    const begun = await answer(broker, second.id, { option: 1 })
    await pane.waitFor(/› Implement the plan/)

    expect(first).toMatchObject({ kind: 'plan', unsure: null })
    expect([back.answer?.option, begun.answer?.option]).toEqual([2, 0])
    expect([back.state, begun.state]).toEqual(['answered', 'answered'])
  })
})

describe.each(realAgentKinds)('a real %s', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind, { args: askingArgs[kind] })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('takes a yes and a no of a person by keys', async () => {
    const { dir, pane } = broker.agent
    const say = (text: string) => sayHeard(broker.agent, broker.stub, text)
    await say('hello first')
    await pane.waitFor(/ECHO sha/, 90_000)
    await whenIdle(broker)
    const [yes, no] = [join(dir, 'yes'), join(dir, 'no')]
    await say(`please [[bash touch ${yes}]]`)
    const approved = await decide(broker, 0, 'approve')
    await waitFor(async () => existsSync(yes), 'what was allowed', 30_000)
    await whenIdle(broker)

    await say(`please [[bash touch ${no}]]`)
    const denied = await decide(broker, approved.id, 'deny')

    expect(approved).toMatchObject({ state: 'answered', input: { command: `touch ${yes}` } })
    expect(denied).toMatchObject({ state: 'answered', answer: { meaning: 'deny' } })
    expect(existsSync(no)).toBe(false)
  })
})

/** As a person does: a dialog that was seen half drawn is another one when it is whole, and is decided then. */
async function decide(
  broker: RealBroker,
  after: number,
  say: 'approve' | 'deny',
): Promise<StoredInteraction> {
  const { id } = await whenAsked(broker, (one) => one.id > after && one.state === 'open', `what to ${say}`)
  return answer(broker, id, { say }).catch((error: unknown) => {
    if (!isAppError(error, 'conflict')) throw error
    return decide(broker, id, say)
  })
}

/** Keys are lost while a turn ends; null: it did not change its mode. */
async function toPlanMode({ agent: { pane } }: RealBroker): Promise<true | null> {
  await pane.press('BTab')
  await sleep(2_000)
  return /Plan mode/.test(await pane.text()) ? true : null
}

async function whenIdle({ database }: RealBroker) {
  await waitFor(
    async () => {
      const rows = await database.kysely.selectFrom('sessions').select('accepts_prompt').execute()
      return rows.some(({ accepts_prompt }) => accepts_prompt === 1)
    },
    'an idle agent',
    60_000,
  )
}
