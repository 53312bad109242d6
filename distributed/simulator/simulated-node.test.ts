import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/core/clock.ts'
import { metricSampleSchema } from '../../app/core/metric-schema.ts'
import { startNodeWorld } from '../../app/testing/node-world.ts'
import { waitFor } from '../../app/testing/wait-for.ts'
import type { Pace } from './simulated-agent.ts'
import { Simulation } from './simulated-node.ts'
import { SimulatedMachine } from './simulated-machine.ts'

const quiet: Pace = { restMs: 3_600_000, workMs: [1, 1], answerMs: [300, 600], dialogMs: [1, 1] }
const log = { info() {}, warn() {}, error() {} }

describe('a simulated node', () => {
  const over = new AbortController()
  afterEach(() => over.abort())

  test('is seen with its sessions, and answers what is typed into one of them', async () => {
    await using world = await startNodeWorld()
    const simulation = new Simulation({ clock: systemClock, sessions: 3, pace: quiet, log })
    const membership = { url: world.url, name: 'sim-0001', key: 'its key', agentVersion: '1' }
    const running = simulation.run(membership, 0, { onUp() {}, onDown() {} }, over.signal)
    const site = await world.site('sim-0001')
    const fleet = site.watch({ onChange() {}, onGone() {} })
    const session = await waitFor(async () => fleet.sessions[2], 'its third session')

    await site.host.paste(await site.host.look(session.pane), 'say hello', 'typed.1')
    await site.host.submit(await site.host.look(session.pane), 'entered.1')

    const answered = async () =>
      (await site.host.history(session.pane, 100)).includes('answer to 9 characters')
    expect(await waitFor(answered, 'its answer', 20_000)).toBe(true)
    over.abort()
    await running
  })
})

test('every sample of a simulated machine is one that the dashboard takes', () => {
  const machine = new SimulatedMachine('sim-0001', 0, Date.now())
  const sessions = [
    { key: 'default/%0', busy: true },
    { key: 'default/%1', busy: false },
  ]

  const samples = Array.from({ length: 2_000 }, (_, n) => machine.sample(Date.now() + n * 10_000, sessions))

  expect(samples.filter((sample) => !metricSampleSchema.safeParse(sample).success)).toEqual([])
})
