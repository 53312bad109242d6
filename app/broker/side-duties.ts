import { messageOf } from '../core/errors.ts'
import { trimDeliveries } from '../db/notification/deliveries.ts'
import { listLocks } from '../db/lock/read.ts'
import { getBranchRules } from '../db/settings.ts'
import { Duties } from './duties.ts'
import { tendHumanTasks } from './human-tasks/tend.ts'
import { keepHookLists } from './locks/hook-list.ts'
import { endStaleLocks } from './locks/lease.ts'
import { LockView } from './locks/view/lock-view.ts'
import { collectNotices } from './notifications/collect.ts'
import { composeDeliveries } from './notifications/compose.ts'
import { sendDeliveries } from './notifications/send.ts'
import { followPromptsOfWork } from './work/follow-prompts.ts'
import { endsWith } from '../core/signals.ts'
import type { Tools } from './tools.ts'

/** After a change in the database, so that several in a row cost one look, in ms. */
const lookEveryMs = 1_000
/** Files and times are looked at this often when nothing changes: each look is paid for all night, in ms. */
const quietEveryMs = 5_000
const deliveryDays = 14

/**
 * What the assigner process does beside its prompts, in a loop of its own, so that no slow receiver or disk holds
 * up a delivery: locks and their view, questions to people, notifications.
 */
export async function runSideDuties(tools: Tools, signal: AbortSignal): Promise<void> {
  const { database, clock } = tools
  const view = new LockView(tools)
  const duties = new Duties(tools, [
    { name: 'keep what commit hooks read', everyMs: 2 * lookEveryMs, run: () => keepLists(tools) },
    { name: 'keep the view of locks', everyMs: lookEveryMs, run: (now) => view.keep(now) },
    {
      name: 'end locks of sessions that are gone',
      everyMs: 10_000,
      run: (now) => endStaleLocks(database, now),
    },
    {
      name: 'end questions that nobody answers',
      everyMs: 5_000,
      run: (now) => tendHumanTasks(database, now),
    },
    { name: 'collect notices', everyMs: lookEveryMs, run: (now) => collectNotices(database, now) },
    {
      name: 'bring work to where its prompts are',
      everyMs: lookEveryMs,
      run: (now) => followPromptsOfWork(database, now),
    },
    { name: 'compose messages', everyMs: lookEveryMs, run: (now) => composeDeliveries(database, now) },
    {
      name: 'forget sent messages',
      everyMs: 3_600_000,
      run: async (now) => {
        await database.write((db) => trimDeliveries(db, now - deliveryDays * 86_400_000))
      },
    },
  ])
  const sending = sendUntil(tools, signal)
  while (!signal.aborted) {
    await duties.runDue()
    await restUntilNews(tools, signal)
    await clock.sleep(lookEveryMs, signal)
  }
  await sending
}

async function restUntilNews({ database, clock }: Tools, signal: AbortSignal) {
  using waking = endsWith(signal)
  const unsubscribe = database.bus.subscribe(waking.end)
  try {
    await clock.sleep(quietEveryMs, waking.signal)
  } finally {
    unsubscribe()
  }
}

async function keepLists({ database, dataDir, host }: Tools) {
  const db = database.kysely
  await keepHookLists(dataDir, await listLocks(db, { node: host.node }), await getBranchRules(db))
}

/** Messages go out beside everything else: a receiver may take its ten seconds. */
async function sendUntil(tools: Tools, signal: AbortSignal) {
  const { database, clock, log } = tools
  while (!signal.aborted) {
    using waking = endsWith(signal)
    const unsubscribe = database.bus.subscribe(waking.end)
    try {
      const sent = (await isAnyDue(tools)) ? await sendDeliveries({ database, clock }, signal) : 0
      if (sent === 0) await clock.sleep(quietEveryMs, waking.signal)
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, `messages could not be sent: ${messageOf(error)}`)
      await clock.sleep(lookEveryMs, signal)
    } finally {
      unsubscribe()
    }
  }
}

/** Nothing is written while nothing is due. */
async function isAnyDue({ database, clock }: Tools): Promise<boolean> {
  const row = await database.kysely
    .selectFrom('deliveries')
    .select('id')
    .where('state', 'in', ['waiting', 'sending'])
    .where((eb) =>
      eb.or([
        eb('lease_until', '<=', clock.now()),
        eb.and([eb('lease_until', 'is', null), eb('try_at', '<=', clock.now())]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
