import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { parseRules } from '../agents/library.ts'
import { ProcessTable } from '../agents/process-table.ts'
import { createReader } from '../agents/reader.ts'
import { systemClock } from '../core/clock.ts'
import { packageRoot } from '../core/paths.ts'
import { scriptedRules } from '../testing/scripted-agent/scripted-agent.ts'
import { openHost, startTmux } from '../testing/tmux.ts'
import { waitFor } from '../testing/wait-for.ts'
import { Fleet } from './fleet.ts'

test('an agent that ends in its shell is gone at the next look, however quiet it was', async () => {
  await using server = await startTmux()
  const agent = `(exec -a scripted bash '${join(packageRoot, 'app/testing/bench/pane-program.sh')}' idle)`
  const { paneId } = await server.open({
    name: 'a',
    command: ['bash', '-c', `${agent}; echo over; exec cat`],
  })
  await using host = openHost(server)
  const reader = createReader(
    new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]]),
  )
  const listeners = { onChange() {}, onGone() {} }
  const fleet = new Fleet({ host, reader, clock: systemClock, log: pino({ level: 'silent' }) }, listeners)
  const count = async () => (await fleet.observe(), fleet.sessions.length)
  await waitFor(async () => (await count()) === 1, 'the session')
  const quiet = Date.now() + 4_000
  await waitFor(async () => (await count()) === 1 && Date.now() > quiet, 'its quiet', 6_000)

  const shell = Number(await server.run('display-message', '-p', '-t', paneId, '#{pane_pid}'))
  for (const pid of new ProcessTable().children(shell)) process.kill(pid, 'SIGKILL')
  await waitFor(
    async () => (await server.run('capture-pane', '-p', '-t', paneId)).includes('over'),
    'its end',
  )

  expect(await count()).toBe(0)
})
