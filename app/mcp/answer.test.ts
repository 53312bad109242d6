import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PromptId } from '../core/prompt.ts'
import type { InteractionOption } from '../core/interaction.ts'
import { openInteraction, type NewInteraction } from '../db/interaction/open.ts'
import { noteDecision } from '../db/interaction/advance.ts'
import { getInteraction } from '../db/interaction/read.ts'
import { refuseWish, waitingWish } from '../db/interaction/wish.ts'
import { setPermissions, defaultPermissions } from '../db/permissions.ts'
import { setSessionSettings } from '../db/session-settings.ts'
import { askedByWeb } from '../testing/asked.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { joinAs } from '../testing/mcp-session.ts'
import { waitFor } from '../testing/wait-for.ts'

/* What a session may answer, over HTTP; who gives it is proved where the assigner is (session-wish.test.ts). */

let dashboard: TestDashboard
let lead: Awaited<ReturnType<typeof joinAs>>
let dev: Awaited<ReturnType<typeof joinAs>>

beforeEach(async () => {
  dashboard = await startDashboard()
  lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
  dev = await joinAs(dashboard, 'dev', { tier: 'worker', manager: 'lead' })
})
afterEach(() => dashboard[Symbol.asyncDispose]())

const question: Partial<NewInteraction> = {
  kind: 'question',
  tool: 'other',
  toolName: 'AskUserQuestion',
  input: {},
  question: 'Which database?',
  options: [
    { keys: ['1'], label: 'SQLite', meaning: 'answer' },
    { keys: ['2'], label: 'Postgres', meaning: 'answer' },
  ],
}

/** `name` asks in the pane of `key`; rules leave it to whoever may, unless another one `decides`. */
async function asks(name: string, key: string, changes: Partial<NewInteraction> = question, by?: 'pattern') {
  const { database, clock } = dashboard.web
  const [node = ''] = key.split('/')
  return database.write(async (db) => {
    const row = { ...changes, sessionName: name, sessionKey: key, node }
    const one = await openInteraction(db, askedByWeb(row), clock.now())
    const decider =
      by === undefined
        ? ({ kind: 'policy', tier: 'worker' } as const)
        : ({ kind: by, id: 1, version: 1 } as const)
    await noteDecision(db, one.id, { effect: 'ask', by: decider, also: [], reason: 'Careful.' }, clock.now())
    return one
  })
}

const more: InteractionOption = { keys: ['3'], label: 'Yes, always', meaning: 'allow_always' }

/** Instead of an assigner: takes the wish that waits, and refuses it with a reason of its own. */
async function refuseNext(id: number, reason: string) {
  const { database, clock } = dashboard.web
  const seen = await waitFor(async () => {
    const one = await getInteraction(database.kysely, id)
    return waitingWish(one) && one
  }, 'a wish')
  await database.write((db) => refuseWish(db, seen, seen.wish!, reason, clock.now()))
  await database.bus.notify('sessions')
  return seen.wish!
}

function permitPermissions() {
  writeFileSync(join(dashboard.web.config.dataDir, 'hierarchy.yaml'), 'answer: {manager: [permission]}')
}

describe('what a worker asks', () => {
  test('is shown to the one that leads it, with its options, and to nobody else', async () => {
    const peer = await joinAs(dashboard, 'peer', { tier: 'manager' })
    const { id } = await asks('dev', dev.key)
    const asked = async (who: typeof lead) =>
      (await who.ask<{ name: string; asks?: unknown }[]>('list_sessions')).find(({ name }) => name === 'dev')
        ?.asks

    expect(await asked(lead)).toEqual({
      interaction: id,
      kind: 'question',
      question: 'Which database?',
      options: ['1 SQLite', '2 Postgres'],
    })
    expect([await asked(peer), await asked(dev)]).toEqual([undefined, undefined])
  })

  test('is said to be for a person where the one that leads it may not answer it', async () => {
    const { id } = await asks('dev', dev.key, {})

    const sessions = await lead.ask<{ name: string; asks?: object }[]>('list_sessions')

    expect(sessions.find(({ name }) => name === 'dev')?.asks).toEqual({
      interaction: id,
      kind: 'permission',
      question: 'Do you want to proceed?',
      answers: 'a person',
    })
  })

  test('of a permission shows the whole command, and no option that allows more than this once', async () => {
    permitPermissions()
    const { options } = askedByWeb()
    await asks('dev', dev.key, { input: { command: 'make\n  all' }, options: [...options, more] })

    const shown = (await lead.ask<{ asks?: object }[]>('list_sessions')).find((one) => one.asks)

    expect(shown?.asks).toMatchObject({ tool: 'Bash', about: 'make\n  all', options: ['1 Yes', '2 No'] })
  })

  test('ends the wait of the one that leads it, which is told what to answer', async () => {
    await lead.worksOn('Ship it')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'A part', to: 'dev' })
    await dev.takesNext()

    const waiting = lead.ask('wait_for', { prompts: [prompt] })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const { id } = await asks('dev', dev.key)
    await dashboard.web.database.bus.notify('sessions')

    expect(await waiting).toMatchObject({
      ended: [],
      open: [{ prompt, session: 'dev', asks: { interaction: id, options: ['1 SQLite', '2 Postgres'] } }],
      note: 'answer what is asked, then wait_for again',
    })
  })
})

describe('an answer', () => {
  test('is left for the assigner in the name of the session, and refused with the reason that one gives', async () => {
    const { id } = await asks('dev', dev.key)

    const refusal = lead.refused('answer', { interaction: id, option: 2 })
    const wish = await refuseNext(id, 'somebody scrolls in the pane (copy mode)')

    expect(wish).toMatchObject({ node: 'test', name: 'lead', answer: { option: 1, text: null } })
    expect(await refusal).toBe('Nothing was answered: somebody scrolls in the pane (copy mode).')
  })

  test('of who hangs up is taken back', async () => {
    const { database } = dashboard.web
    const { id } = await asks('dev', dev.key)
    const leaving = new AbortController()

    const call = lead.client.callTool(
      { name: 'answer', arguments: { interaction: id, option: 1 } },
      { signal: leaving.signal },
    )
    const end = call.then(String, String)
    await waitFor(async () => waitingWish(await getInteraction(database.kysely, id)), 'the wish')
    leaving.abort()

    await end
    await waitFor(async () => (await getInteraction(database.kysely, id)).wish?.refused, 'its end')
    expect(waitingWish(await getInteraction(database.kysely, id))).toBeNull()
  })

  test.each([
    ['an option that there is not', { option: 9 }, /no option 9; there are 1 \(SQLite\), 2 \(Postgres\)/],
    ['several of one', { option: [1, 2] }, /takes one option/],
    ['words where none are taken', { text: 'MariaDB' }, /takes no words of your own/],
    ['yes where no option says so', { say: 'approve' }, /offers no plain yes/],
    ['nothing', {}, /Give say, or option, or text/],
    ['yes and an option', { say: 'approve', option: 1 }, /Give say, or option, or text/],
    ['a number of no interaction', { interaction: 999_999, option: 1 }, /There is no interaction 999999/],
    ['an option 0', { option: 0 }, /option/],
  ])('%s is refused', async (_, input, reason) => {
    const { id } = await asks('dev', dev.key)

    const refusal = await lead.refused('answer', { interaction: id, ...input })

    expect(refusal).toMatch(reason)
    expect((await getInteraction(dashboard.web.database.kysely, id)).wish).toBeNull()
  })

  test('to what one asks oneself, a peer, one above, or a namesake on another machine asks, is refused', async () => {
    const { database, clock } = dashboard.web
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    const peer = await joinAs(dashboard, 'peer', { tier: 'worker', manager: 'lead' })
    await database.write((db) =>
      setSessionSettings(db, { node: 'far', name: 'other' }, { manager: 'lead' }, clock.now()),
    )
    const mine = await asks('dev', dev.key)
    const leads = await asks('lead', lead.key)
    const far = await asks('dev', 'far/default/%1')
    const led = await asks('other', 'far/default/%2')
    const says = (who: typeof lead, { id }: { id: number }) =>
      who.refused('answer', { interaction: id, option: 1 })

    expect(await says(dev, mine)).toMatch(/is your own/)
    expect(await says(lead, leads)).toMatch(/is your own/)
    expect(await says(peer, mine)).toMatch(/do not lead dev/)
    expect(await says(dev, leads)).toMatch(/do not lead lead/)
    expect(await says(lead, far)).toMatch(/do not lead dev/)
    expect(await says(lead, led)).toMatch(/do not lead other/)
    expect(await says(boss, mine)).toMatch(/do not lead dev/)
  })

  test('to a permission is refused, unless hierarchy.yaml says otherwise, and then a plain yes or no is left', async () => {
    const permission = { options: [...askedByWeb().options, more] }
    const { id } = await asks('dev', dev.key, permission)
    const ruled = await asks('dev', 'test/default/%77', permission, 'pattern')

    const closed = await lead.refused('answer', { interaction: id, say: 'approve' })
    permitPermissions()
    const always = await lead.refused('answer', { interaction: id, option: 3 })
    const left = await lead.refused('answer', { interaction: ruled.id, say: 'approve' })
    const plain = lead.refused('answer', { interaction: id, say: 'approve' })
    const wish = await refuseNext(id, 'the test')

    expect(closed).toMatch(
      /a manager session may answer question and plan only \(answer, in hierarchy.yaml\)/,
    )
    expect(always).toMatch(/"Yes, always" allows more than this once/)
    expect(left).toMatch(/because rules leave it to people: Careful\./)
    expect(wish.answer).toEqual({ meaning: 'allow_once', option: 0, text: null })
    expect(await plain).toMatch(/the test/)
  })

  test('is for people while automatic answers are switched off', async () => {
    const { database, clock } = dashboard.web
    const { id } = await asks('dev', dev.key)
    await database.write((db) => setPermissions(db, { ...defaultPermissions, automatic: false }, clock.now()))

    expect(await lead.refused('answer', { interaction: id, option: 1 })).toMatch(/are switched off/)
  })

  test('to what could not be read, is not drawn, or is over is refused with the reason', async () => {
    const unread = await asks('dev', dev.key, { ...question, unsure: 'its beginning is above the window' })
    const undrawn = await asks('dev', dev.key, { ...question, screenDigest: null })
    const says = ({ id }: { id: number }) => lead.refused('answer', { interaction: id, option: 1 })

    expect(await says(unread)).toMatch(/read with certainty \(its beginning is above the window\)/)
    expect(await says(undrawn)).toMatch(/is not drawn yet/)
  })

  test('is refused with the line that is wrong where hierarchy.yaml can not be read, and sessions are still listed', async () => {
    const { id } = await asks('dev', dev.key)
    writeFileSync(join(dashboard.web.config.dataDir, 'hierarchy.yaml'), 'answer: {manager: [dialog]}')

    expect(await lead.refused('answer', { interaction: id, option: 1 })).toMatch(
      /hierarchy.yaml, line 1: answer/,
    )
    expect(await lead.ask('list_sessions')).toContainEqual(
      expect.objectContaining({ name: 'dev', asks: expect.objectContaining({ answers: 'a person' }) }),
    )
  })
})
