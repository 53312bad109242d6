import { expect, test } from 'vitest'
import { listInteractions } from '../../db/interaction/read.ts'
import { advancePattern, createPattern } from '../../db/pattern/change.ts'
import { environmentOf, startBroker, type TestBroker } from '../broker.ts'
import { waitFor } from '../wait-for.ts'
import { buildAssigner } from './build.ts'
import { moments, type Plan } from './plan.ts'
import { Supply } from './supply.ts'

/** An assigner that comes up, looks twice and decides takes about a second; a loaded machine many. */
const comesThereMs = 30_000

test('a dialog gets one answer although the assigner is killed before, during and after its keystroke', async () => {
  await using broker = await startBroker({ running: false })
  const { database, config, server } = broker
  await allow(broker, 'ok ls')
  await using program = await buildAssigner()
  await using supply = new Supply(program.path, environmentOf(config.dataDir, server.socketPath))

  for (const moment of moments) {
    const place = `${moment} press` as const
    await broker
      .agent('a')
      .tell({ command: 'ok ls', events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
    const before = await approvals(broker)
    const killed = await supply.begin(planOf({ place, nth: 1 }))
    const late = setTimeout(() => killed.kill(), comesThereMs)
    await killed.ended
    clearTimeout(late)
    const next = await supply.begin(planOf(null))
    const end = await waitFor(
      async () => {
        const [last] = await listInteractions(database.kysely, { limit: 1 })
        return last && ['answered', 'elsewhere', 'unknown'].includes(last.state) && last
      },
      `the end of what was asked when it died ${place}`,
      comesThereMs,
    )
    next.kill()
    await next.ended

    expect.soft(killed.struck(), place).toBe(place)
    expect.soft((await approvals(broker)) - before, `${place}: ${end.state}`).toBe(1)
    expect.soft(end.decidedBy, place).toMatchObject({ kind: 'pattern' })
  }
}, 240_000)

function planOf(at: Plan['at']): Plan {
  return { victim: 'assigner', at, serverPid: 0 }
}

async function allow({ database }: TestBroker, command: string) {
  const rule = { name: 'fine', effect: 'allow' as const, conditions: { commands: [command] } }
  await database.write(async (db) => {
    const { id } = await createPattern(db, rule, { createdBy: 'ada', madeFrom: null }, Date.now())
    await advancePattern(db, id, 'enable', Date.now())
  })
}

async function approvals(broker: TestBroker): Promise<number> {
  return (await broker.agent('a').log()).filter(({ type }) => type === 'APPROVED').length
}
