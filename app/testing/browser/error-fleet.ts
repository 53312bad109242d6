import { advanceErrorGroup } from '../../db/error/change.ts'
import { recordErrors } from '../../db/error/record.ts'
import { addRefusals } from '../../db/error/refusals.ts'
import type { Database } from '../../db/open.ts'
import { nameReport, occurrenceOf, type Report } from '../../errors/report.ts'

const hourMs = 3_600_000

const stack = `TypeError: Cannot read properties of undefined (reading 'total')
    at renderCart (/home/pi/shop/src/cart.js:41:18)
    at Layer.handle [as handle_request] (/home/pi/shop/node_modules/router/layer.js:95:5)
    at next (/home/pi/shop/node_modules/router/route.js:149:13)`

/** Errors in each state, on several machines, over a day: what their pages show. */
export async function populateErrors(database: Database, now: number): Promise<void> {
  const cart = {
    errorType: 'TypeError',
    message: "Cannot read properties of undefined (reading 'total')",
    source: 'src/cart.js',
    stack,
    metadata: { release: 'shop@1.4.2', environment: 'production', tags: { browser: 'Firefox 142' } },
  }
  const first = await report(database, cart, now - 20 * hourMs)
  for (let hour = 19; hour >= 0; hour -= 1) {
    const times = [1, 3, 8, 21, 5][hour % 5]!
    for (let n = 0; n < times; n += 1) {
      await report(database, { ...cart, node: `pi-${(n % 3) + 1}` }, now - hour * hourMs - n)
    }
  }
  await report(database, { ...cart, stack: stack.replace('renderCart', 'checkout') }, now - 60_000)
  for (let user = 17; user < 21; user += 1) {
    const message = `user ${user} is unknown`
    await report(database, { errorType: 'KeyError', message, source: 'accounts.py' }, now - user * 60_000)
  }
  await report(
    database,
    { errorType: 'agent', message: 'npm is down', source: 'dev_w1', session: 'dev_w1' },
    now - 90_000,
  )
  const disk = { errorType: 'OSError', message: 'disk full at 100%', source: 'backup.sh' }
  await change(database, await report(database, disk, now - 9 * hourMs), 'resolve', now - hourMs)
  await report(database, disk, now - 120_000)
  const old = { errorType: 'error', message: 'disk is slow', source: 'probe.sh' }
  await change(database, await report(database, old, now - 3 * hourMs), 'resolve', now - hourMs)
  const noise = { errorType: 'Warning', message: 'deprecated', source: 'lint' }
  await change(database, await report(database, noise, now - 2 * hourMs), 'ignore', now - hourMs)
  const refused = { node: 'pi-2', source: 'src/cart.js', reason: 'rate', count: 1_204, lastAt: now - 300_000 }
  await database.write((db) => addRefusals(db, [refused]))
  await change(database, first, 'ignore', now - 2 * hourMs)
  await change(database, first, 'reopen', now - hourMs)
}

async function report(database: Database, more: Partial<Report>, at: number): Promise<number> {
  const said = {
    errorType: 'error',
    message: 'x',
    source: '',
    node: 'pi-1',
    stack: null,
    session: null,
    metadata: {},
  }
  const whole = { ...said, ...more }
  const [recorded] = await database.write((db) =>
    recordErrors(db, [occurrenceOf(whole, nameReport(whole), at)]),
  )
  return recorded!.groupId
}

async function change(database: Database, id: number, event: 'resolve' | 'ignore' | 'reopen', at: number) {
  await database.write((db) => advanceErrorGroup(db, id, event, 'anna', at))
}
