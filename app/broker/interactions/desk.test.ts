import { describe, expect, test } from 'vitest'
import type { HookMessageOf } from '../../core/hook.ts'
import { systemClock } from '../../core/clock.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import { ada, dyingHost, openWorld, turnUntil, worldTools } from '../../testing/asking-world.ts'
import { databases } from '../../testing/databases.ts'
import { markAnswer } from '../delivery/marker.ts'
import { answerInteraction } from './answer.ts'
import { hookDecider, hookFateKeeper } from './by-hook.ts'

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
