import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { parseRules } from '../agents/library.ts'
import { ProcessTable } from '../agents/process-table.ts'
import { createReader } from '../agents/reader.ts'
import { systemClock } from '../core/clock.ts'
import { packageRoot } from '../core/paths.ts'
import { scriptedRules, startScriptedAgent } from '../testing/scripted-agent/scripted-agent.ts'
import { openHost, startTmux } from '../testing/tmux.ts'
import { waitFor } from '../testing/wait-for.ts'
import type { AgentReader } from '../core/agent.ts'
import type { SessionHost } from '../core/host.ts'
import { steppedHost } from '../testing/stepped-host.ts'
import { LocalFleet, idleHoldMs } from './local-fleet.ts'

test('an agent that ends in its shell is gone at the next look, however quiet it was', async () => {
  await using server = await startTmux()
  const agent = `(exec -a scripted bash '${join(packageRoot, 'app/testing/bench/pane-program.sh')}' idle)`
  const { paneId } = await server.open({
    name: 'a',
    command: ['bash', '-c', `${agent}; echo over; exec cat`],
  })
  await using host = openHost(server)
  const fleet = fleetOf(host)
  const count = async () => (await fleet.observe(), fleet.sessions.length)
  await waitFor(async () => (await count()) === 1, 'the session')
  const quiet = Date.now() + 4_000
  await waitFor(async () => (await count()) === 1 && Date.now() > quiet, 'its quiet')

  const shell = Number(await server.run('display-message', '-p', '-t', paneId, '#{pane_pid}'))
  for (const pid of new ProcessTable().children(shell)) process.kill(pid, 'SIGKILL')
  await waitFor(
    async () => (await server.run('capture-pane', '-p', '-t', paneId)).includes('over'),
    'its end',
  )

  expect(await count()).toBe(0)
})

test('an agent that became idle is idle at a later look, although no sweep captures its screen again', async () => {
  await using server = await startTmux()
  await using host = openHost(server)
  await startScriptedAgent(server, { name: 'a' })
  const reader = createReader(readRules())
  const read = reader.read.bind(reader)
  let looks = 0
  reader.read = (look) => ({ ...read(look), ...(++looks === 1 && { state: 'busy' as const }) })
  let sweeps = 0
  const quiet: SessionHost = {
    ...steppedHost(host, (_, run) => run()),
    async sweep(wanted) {
      const sweep = await host.sweep(wanted)
      return ++sweeps <= 2 ? sweep : { ...sweep, changed: [] }
    },
  }
  const fleet = fleetOf(quiet, reader)
  const observe = async () => (await fleet.observe(), fleet.sessions[0]?.reading.state)

  const states = [await observe(), await observe()]
  await systemClock.sleep(idleHoldMs)
  states.push(await observe())

  expect(states).toEqual(['busy', 'busy', 'idle'])
})

function readRules() {
  return new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]])
}

function fleetOf(host: SessionHost, reader: AgentReader = createReader(readRules())): LocalFleet {
  const listeners = { onChange() {}, onGone() {} }
  return new LocalFleet({ host, reader, clock: systemClock, log: pino({ level: 'silent' }) }, listeners)
}
