import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { parseRules } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import type { HookMessageOf } from '../../core/hook.ts'
import { systemClock } from '../../core/clock.ts'
import type { SessionHost } from '../../core/host.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import { databases, type TestStore } from '../../testing/databases.ts'
import { MemoryHost } from '../../../distributed/simulator/memory-host.ts'
import type { MemoryPane } from '../../../distributed/simulator/memory-pane.ts'
import { scriptedRules } from '../../testing/scripted-agent/scripted-agent.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { markAnswer } from '../delivery/marker.ts'
import { localCheckouts } from '../../hosts/git.ts'
import { LocalFleet } from '../../agents/local-fleet.ts'
import type { Tools } from '../tools.ts'
import { answerInteraction } from './answer.ts'
import { hookDecider, hookFateKeeper } from './by-hook.ts'
import { InteractionDesk } from './desk.ts'
import type { Decide } from './judge.ts'

const ada = { kind: 'user', name: 'ada', address: null } as const
const library = new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]])

/** Allows what begins with "ok" when all of it is certain; everything else waits. */
const decide: Decide = ({ input, inputWhole }) => {
  const by = { kind: 'pattern', id: 1, version: 1 } as const
  const effect = inputWhole && input.command?.startsWith('ok') === true ? 'allow' : 'ask'
  return { effect, by, also: [], reason: 'the rule of the test' }
}

const told: HookMessageOf<'permission_asked'> = {
  id: 'request-1',
  agent: 'scripted',
  at: 0,
  event: 'PermissionRequest',
  socketPath: null,
  paneId: null,
  parents: [],
  architectSession: null,
  conversation: null,
  turnId: null,
  cwd: '/',
  transcriptPath: null,
  type: 'permission_asked',
  tool: 'Bash',
  input: {},
  suggestions: [],
  decidable: true,
}

const settings: SessionSettings = {
  node: 'fake',
  name: '',
  tier: 'worker',
  tags: [],
  paused: false,
  ignored: false,
  manager: null,
  createdBy: null,
  agent: null,
  dir: null,
  updatedAt: 1,
}

/** A host of panes that exist in memory, and one assigner's eyes and desk on them. */
function openWorld({ database }: TestStore) {
  const host = new MemoryHost()
  let taken = ''
  const finder = {
    find: (pid: number) => {
      const pane = host.panes.find((each) => each.pid === pid)
      if (!pane) return null
      return { kind: 'scripted', pid, startedAt: 1, cwd: pane.path, home: null, argv: [], env: {} } as never
    },
  }
  const tools: Tools = {
    database,
    host,
    reader: createReader(library, { finder }),
    clock: systemClock,
    log: pino({ level: 'silent' }),
    progress: () => undefined,
    owner: 'test',
    dataDir: '/nowhere',
    decide,
    checkouts: localCheckouts,
    watch: (listeners) => new LocalFleet(tools, listeners),
  }
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  function openDesk(own: Partial<Tools> = {}) {
    let desk: InteractionDesk | null = null
    // Somebody who looks for the first time sees every pane.
    for (const pane of host.panes) pane.history.push('●')
    const fleet = tools.watch({ onChange: (one) => desk?.note(one), onGone: (one) => desk?.note(one) })
    desk = new InteractionDesk(
      { ...tools, ...own },
      {
        get: (key) => fleet.get(key),
        settingsOf: () => settings,
        isTaken: (key) => key === taken,
        promptOf: () => null,
      },
    )
    const opened = desk
    return {
      desk: opened,
      turn: async () => {
        await fleet.observe()
        opened.noticeNews()
        await opened.work(stopping.signal)
      },
    }
  }
  return {
    host,
    tools,
    openDesk,
    take: (key: string) => (taken = key),
    stop: () => stopping.abort(new Error('the test ends')),
    all: () => listInteractions(database.kysely, { limit: 200 }),
    ask: (pane: MemoryPane, command: string) => {
      pane.busy = true
      pane.asked = command
      pane.dialog = 'Allow this command?'
    },
  }
}

async function turnUntil(turn: () => Promise<void>, fits: () => Promise<boolean>, what: string) {
  await waitFor(async () => (await turn(), await fits()), what)
}

describe.each(databases)('on $name', ({ open }) => {
  test('fifty sessions that ask at once get one answer each, and only those that a rule knows', async () => {
    await using store = await open()
    const { host, ask, all, openDesk } = openWorld(store)
    const panes = Array.from({ length: 50 }, (_, index) => host.addPane(`dev_${index}`))
    panes.forEach((pane, index) => ask(pane, index % 5 === 0 ? `rm ${index}` : `ok ${index}`))
    const { desk, turn } = openDesk()

    await turnUntil(
      turn,
      async () => (await all()).filter(({ state }) => state === 'answered').length === 40,
      '40 answers',
    )
    await turn()
    await desk.finish()

    expect(panes.map(({ approvals }) => approvals)).toEqual(
      panes.map((_, index) => (index % 5 === 0 ? 0 : 1)),
    )
    const waiting = (await all()).filter(({ state }) => state === 'open')
    expect(waiting.map(({ decision }) => decision?.effect)).toEqual(Array(10).fill('ask'))
  })

  test('another command in the same layout, drawn between the look and the key, gets no key', async () => {
    await using store = await open()
    const { host, ask, all, openDesk } = openWorld(store)
    const pane = host.addPane('a')
    ask(pane, 'ok ls')
    const { desk, turn } = openDesk()
    // Right after the look that its key is to follow, the command is another one for a moment.
    let looks = 0
    host.afterLook = () => {
      looks += 1
      if (looks % 2 === 1) return
      pane.asked = 'rm -rf /'
      setTimeout(() => (pane.asked = 'ok ls'), 15)
    }

    await turnUntil(turn, async () => looks > 12, 'looks')
    host.afterLook = () => (pane.asked = 'rm -rf /')
    await desk.finish()

    expect(pane.approvals).toBe(0)
    expect(pane.received).toBe('')
    expect((await all()).map(({ state }) => state)).not.toContain('answered')
  })

  test('a person who types in the pane goes first, and the rule answers when they are gone', async () => {
    await using store = await open()
    const { host, ask, all, openDesk, take } = openWorld(store)
    const pane = host.addPane('a')
    ask(pane, 'ok ls')
    const { turn } = openDesk()
    take('fake/default/%0')
    for (let turns = 0; turns < 5; turns += 1) await turn()
    const during = pane.approvals

    take('')
    await turnUntil(turn, async () => (await all())[0]?.state === 'answered', 'the answer')

    expect(during).toBe(0)
    expect(pane.approvals).toBe(1)
  })

  test.each([
    { died: 'before the key', phase: null, approvals: 1, ends: 'answered' },
    { died: 'after the key, whose dialog is still there', phase: 'pressed', approvals: 0, ends: 'unknown' },
  ] as const)(
    'an assigner that dies $died is followed by one that answers at most once',
    async ({ phase, approvals, ends }) => {
      await using store = await open()
      const { host, ask, all, openDesk } = openWorld(store)
      const { database } = store
      const pane = host.addPane('a')
      ask(pane, 'who knows')
      await openDesk().turn()
      const [asked] = await all()
      // What a killed process leaves: a decision that is stored, and perhaps a key that tmux has pressed.
      const changes = {
        decidedBy: { kind: 'pattern', id: 1, version: 1 },
        answer: { meaning: 'allow_once', option: 0, text: null },
        token: 'dead',
        answerUntil: Date.now() - 1,
      } as const
      await database.write((db) => advanceInteraction(db, asked!.id, 'decide', changes, Date.now()))
      if (phase) pane.marker = markAnswer('', phase, 'dead')
      const { turn } = openDesk()

      await turnUntil(turn, async () => (await all())[0]?.state !== 'answering', 'its repair')
      const [repaired] = await all()
      if (ends === 'answered')
        await answerInteraction(worldTools(host, store), repaired!.id, { say: 'approve' }, ada, 'p')

      expect((await all())[0]?.state).toBe(ends)
      expect(pane.approvals).toBe(approvals)
    },
  )

  test('an assigner that dies after the key, whose dialog went, is followed by one that writes down the answer', async () => {
    await using store = await open()
    const { host, ask, all, openDesk } = openWorld(store)
    const pane = host.addPane('a')
    ask(pane, 'who knows')
    await openDesk().turn()
    const [asked] = await all()
    const answer = { meaning: 'allow_once', option: 0, text: null } as const
    const changes = { answer, token: 'dead', answerUntil: Date.now() - 1 }
    await store.database.write((db) => advanceInteraction(db, asked!.id, 'decide', changes, Date.now()))
    pane.marker = markAnswer('entered.x.1.2', 'pressed', 'dead')
    pane.dialog = null

    const { turn } = openDesk()
    await turnUntil(turn, async () => (await all())[0]?.state !== 'answering', 'its repair')

    expect((await all())[0]).toMatchObject({ state: 'answered', answer })
  })

  test('an assigner that dies at any step of an answer has given it once at most, and the next one ends it', async () => {
    await using store = await open()
    const { host, ask, all, openDesk } = openWorld(store)
    const deaths = Array.from({ length: 16 }, (_, n) => ({ call: n >> 1, after: n % 2 === 1 }))
    const panes = deaths.map((_, n) => host.addPane(`dev_${n}`))
    panes.forEach((pane, n) => ask(pane, `ok ${n}`))
    const dying = dyingHost(host, (paneId) => deaths[panes.findIndex((pane) => pane.paneId === paneId)]!)
    const first = openDesk({ host: dying.host })
    const isOver = async () =>
      (await all()).filter(({ state }) => state === 'answered').length + dying.dead.size === panes.length
    await turnUntil(
      first.turn,
      async () => (await all()).length === panes.length && (await isOver()),
      'deaths',
    )
    const givenBefore = panes.filter(({ approvals }) => approvals === 1).length

    const later = {
      ...systemClock,
      now: () => Date.now() + 60_000,
      sleep: systemClock.sleep.bind(systemClock),
    }
    const next = openDesk({ clock: later, owner: 'next' })
    await turnUntil(
      next.turn,
      async () => (await all()).every(({ state }) => state !== 'open' && state !== 'answering'),
      'the end of all',
    )
    await next.desk.finish()

    expect(dying.dead.size).toBeGreaterThan(5)
    expect(givenBefore).toBeLessThan(panes.length)
    expect(panes.map(({ approvals }) => approvals)).toEqual(panes.map(() => 1))
    expect((await all()).map(({ state }) => state)).toEqual(panes.map(() => 'answered'))
  })

  test('a pane that another agent has taken over gets no answer that was meant for the one before', async () => {
    await using store = await open()
    const { host, ask, all, openDesk } = openWorld(store)
    const pane = host.addPane('a')
    ask(pane, 'who knows')
    const { turn } = openDesk()
    await turn()
    const [asked] = await all()

    pane.pid += 100
    const late = answerInteraction(worldTools(host, store), asked!.id, { say: 'approve' }, ada, 'p')
    await expect(late).rejects.toThrow(/the agent that asked is gone/)
    await turnUntil(turn, async () => (await all()).length === 2, 'the question of the other agent')

    expect(pane.approvals).toBe(0)
    expect((await all()).map(({ state }) => state)).toEqual(['open', 'gone'])
  })

  test('what a hook tells and the dialog that follows are one interaction, read whole', async () => {
    await using store = await open()
    const { host, ask, all, openDesk, tools } = openWorld(store)
    const pane = host.addPane('a')
    const { turn } = openDesk()
    await turn()
    const key = 'fake/default/%0'
    const session = { key, name: 'a', generation: `${pane.pid}.${pane.pid}.1`, cwd: '/', trusted: true }

    const decision = await hookDecider(tools)(
      { ...told, input: { command: 'who knows', description: 'asks' } },
      session,
    )
    ask(pane, 'who knows')
    await turnUntil(turn, async () => (await all())[0]?.screenDigest !== null, 'the dialog')

    expect(decision).toBeNull()
    expect(await all()).toMatchObject([
      {
        state: 'open',
        inputFrom: 'hook',
        input: { command: 'who knows', raw: { description: 'asks' } },
        options: [{ label: 'Yes' }, { label: 'No' }],
      },
    ])
  })

  test('a request that a rule answers by hook is answered by a key only where the hook was too late', async () => {
    await using store = await open()
    const { host, ask, all, openDesk, tools } = openWorld(store)
    const pane = host.addPane('a')
    const { desk, turn } = openDesk()
    await turn()
    const key = 'fake/default/%0'
    const session = { key, name: 'a', generation: `${pane.pid}.${pane.pid}.1`, cwd: '/', trusted: true }

    const decision = await hookDecider(tools)({ ...told, input: { command: 'ok ls' } }, session)
    const again = await hookDecider(tools)({ ...told, input: { command: 'ok ls' } }, session)
    await turn()
    const before = pane.received
    ask(pane, 'ok ls')
    await hookFateKeeper(tools)(told, session, 'too_late')
    await turnUntil(turn, async () => (await all())[0]?.state === 'answered', 'the answer')
    await desk.finish()

    expect([decision, again]).toEqual([{ behavior: 'allow' }, { behavior: 'allow' }])
    expect(before).toBe('')
    expect(pane.approvals).toBe(1)
    expect(await all()).toHaveLength(1)
  })

  test('requests of two nodes are two, also under the same name', async () => {
    await using store = await open()
    const { tools, host } = openWorld(store)
    const asking = { name: 'dev', generation: 'g', cwd: '/', trusted: true }

    const decisions = [
      await hookDecider(tools)(
        { ...told, input: { command: 'ok ls' } },
        { ...asking, key: 'fake/default/%0' },
      ),
      await hookDecider({ ...tools, host: Object.assign(host, { node: 'pi' }) })(
        { ...told, input: { command: 'rm -rf /' } },
        { ...asking, key: 'pi/default/%0' },
      ),
    ]

    expect(decisions).toEqual([{ behavior: 'allow' }, null])
  })

  test('a dialog that is drawn while the hook hands our answer over gets no key, and counts as answered', async () => {
    await using store = await open()
    const { host, ask, all, openDesk, tools } = openWorld(store)
    const pane = host.addPane('a')
    const { desk, turn } = openDesk()
    await turn()
    const generation = `${pane.pid}.${pane.pid}.1`
    const session = { key: 'fake/default/%0', name: 'a', generation, cwd: '/', trusted: true }

    await hookDecider(tools)({ ...told, input: { command: 'ok ls' } }, session)
    ask(pane, 'ok ls')
    await hookFateKeeper(tools)(told, session, 'given')
    for (let turns = 0; turns < 5; turns += 1) await turn()
    ask(pane, 'half of it')
    for (let turns = 0; turns < 5; turns += 1) await turn()
    const pressed = pane.received
    pane.dialog = null
    await turnUntil(turn, async () => (await all())[0]?.state !== 'answering', 'the end')
    await desk.finish()

    expect(pressed).toBe('')
    expect(await all()).toMatchObject([{ state: 'answered', decidedBy: { kind: 'pattern' } }])
  })

  test('a dialog that an answer only quotes is no question', async () => {
    await using store = await open()
    const { host, all, openDesk } = openWorld(store)
    const pane = host.addPane('a')
    const drawn = [
      '▔'.repeat(100),
      ' Allow this command?',
      '  ok ls',
      ' ❯ 1. Yes',
      '   2. No',
      ' Enter to choose · Esc to cancel',
    ]
    pane.history.push(...drawn)
    const { turn } = openDesk()

    for (let turns = 0; turns < 5; turns += 1) await turn()

    expect(await all()).toEqual([])
    expect(pane.received).toBe('')
  })

  test('a command that stands on the screen a second time is not answered by a rule', async () => {
    await using store = await open()
    const { host, ask, openDesk, all } = openWorld(store)
    const pane = host.addPane('a')
    pane.history.push('  ok ls')
    ask(pane, 'ok ls')
    const { desk, turn } = openDesk()

    await turn()
    await desk.finish()

    expect(pane.approvals).toBe(0)
    expect((await all())[0]).toMatchObject({ state: 'open', reason: expect.stringMatching(/twice/) })
  })
})

/** A host whose caller is gone from the given call for a pane on: before tmux hears of it, or before its answer is heard. */
function dyingHost(host: MemoryHost, deathOf: (paneId: string) => { call: number; after: boolean }) {
  const dead = new Set<string>()
  const calls = new Map<string, number>()
  const never = new Promise<never>(() => undefined)
  async function through<T>(paneId: string, call: () => Promise<T>): Promise<T> {
    const death = deathOf(paneId)
    const count = calls.get(paneId) ?? 0
    calls.set(paneId, count + 1)
    if (count === death.call) dead.add(paneId)
    if (count === death.call && !death.after) return never
    const answer = await call()
    return count === death.call ? never : answer
  }
  const own: Partial<SessionHost> = {
    look: (pane, searches) => through(pane.paneId, () => host.look(pane, searches)),
    press: (look, keys, marker) => through(look.paneId, () => host.press(look, keys, marker)),
  }
  const wrapped = new Proxy(host, {
    get: (target, name: keyof MemoryHost) => {
      const value: unknown = name in own ? own[name as keyof typeof own] : target[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { host: wrapped, dead }
}

/** A person's process: its own eyes on the same host. */
function worldTools(host: MemoryHost, { database }: TestStore) {
  const finder = {
    find: (pid: number) =>
      ({ kind: 'scripted', pid, startedAt: 1, cwd: '/', home: null, argv: [], env: {} }) as never,
  }
  return { database, host, reader: createReader(library, { finder }), clock: systemClock }
}
