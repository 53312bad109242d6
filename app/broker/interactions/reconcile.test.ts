import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { loadLibrary } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import { systemClock } from '../../core/clock.ts'
import type { Dialog } from '../../core/dialog.ts'
import type { LiveSession } from '../../core/fleet.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import { openInteraction } from '../../db/interaction/open.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import { askedByWeb } from '../../testing/asked.ts'
import { databases, type TestStore } from '../../testing/databases.ts'
import { markAnswer } from '../delivery/marker.ts'
import type { Tools } from '../tools.ts'
import { reconcile } from './reconcile.ts'

const denies: InteractionAnswer = { meaning: 'deny', option: 1, text: null }
const ticksTests: InteractionAnswer = { meaning: 'answer', option: null, text: null, boxes: [1] }

/** Web's dialog, whose answer is decided by a process that is gone, or that gave up in doubt. */
async function openWorld({ database }: TestStore, answer: InteractionAnswer, isDoubted: boolean) {
  const now = Date.now()
  const { id } = await database.write((db) => openInteraction(db, askedByWeb(), now - 60_000))
  const changes = { answer, token: 'ours', answerUntil: now - 10_000 }
  await database.write((db) => advanceInteraction(db, id, 'decide', changes, now - 30_000))
  if (isDoubted) {
    const reason = 'the key was pressed, but the same dialog is still there'
    await database.write((db) => advanceInteraction(db, id, 'doubt', { reason }, now - 20_000))
  }
  return {
    /** What becomes of it when its session is seen so. */
    see: async (pane: Partial<LiveSession['pane']>, dialog: Dialog | null) => {
      const reading = { agent: 'claude', generation: '1.2.3', cwd: '/code/web' }
      const session = { pane: { typedAt: null, ...pane }, reading, dialog } as unknown as LiveSession
      const row = await getInteraction(database.kysely, id)
      await reconcile(toolsFor(database), {
        key: row.sessionKey,
        session,
        isIgnored: false,
        rows: [row],
        promptId: null,
        isGiving: () => false,
      })
      return getInteraction(database.kysely, id)
    },
    now,
  }
}

function toolsFor(database: TestStore['database']): Tools {
  return {
    database,
    host: { node: 'n' },
    reader: createReader(loadLibrary()),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  } as unknown as Tools
}

/** The dialog of `askedByWeb`, with boxes that are ticked so. */
function withBoxes(...ticked: boolean[]): Dialog {
  const options = ticked.map((each) => ({ label: 'x', role: 'choice', description: null, ticked: each }))
  return {
    digest: 'd1',
    options,
    rows: [],
    selected: 0,
    boxes: { own: 9, atEnd: false, leave: 'Tab' },
  } as unknown as Dialog
}

describe.each(databases)('on $name', ({ open }) => {
  test('a key that is taken long after it was pressed has answered, and nothing is in doubt any more', async () => {
    await using store = await open()
    const { see } = await openWorld(store, denies, true)

    const row = await see({ marker: markAnswer('', 'pressed', 'ours') }, null)

    expect(row).toMatchObject({ state: 'answered', answer: denies, reason: null })
  })

  test('a dialog in doubt that goes after a person typed in its pane was answered there', async () => {
    await using store = await open()
    const { see, now } = await openWorld(store, denies, true)

    const row = await see({ marker: markAnswer('', 'pressed', 'ours'), typedAt: now - 5_000 }, null)

    expect(row.state).toBe('elsewhere')
  })

  test('a dialog in doubt whose key was never pressed was answered elsewhere', async () => {
    await using store = await open()
    const { see } = await openWorld(store, denies, true)

    const row = await see({ marker: markAnswer('', 'moved', 'ours') }, null)

    expect(row.state).toBe('elsewhere')
  })

  test('boxes that a person ticks in the pane are shown ticked, as long as nobody answers', async () => {
    await using store = await open()
    const { see } = await openWorld(store, ticksTests, true)

    const before = await see({ marker: '' }, withBoxes(false, false))
    const after = await see({ marker: '' }, withBoxes(true, false))

    expect(before.options.map(({ ticked }) => ticked)).toEqual([false, false])
    expect(after.options.map(({ ticked }) => ticked)).toEqual([true, false])
    expect(after.state).toBe('unknown')
  })

  test.each([
    { killed: 'before it pressed the key of a box', turned: [], shown: false, state: 'open' },
    { killed: 'when the box showed its key', turned: [1], shown: true, state: 'open' },
    { killed: 'before the box showed its key', turned: [1], shown: false, state: 'unknown' },
  ])('a process killed $killed leaves a question that is $state', async ({ turned, shown, state }) => {
    await using store = await open()
    const { see } = await openWorld(store, ticksTests, false)

    const row = await see({ marker: markAnswer('', 'moved', 'ours', turned) }, withBoxes(false, shown))

    expect(row.state).toBe(state)
  })
})
