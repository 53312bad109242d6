import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ProcessTable } from '../../agents/process-table.ts'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { ownSession } from './own-session.ts'

test('a process far below a pane belongs to its session, whatever its environment says', async () => {
  await using server = await startTmux()
  await using host = openHost(server)
  await server.open({ name: 'other' })
  const nested = 'env -i sh -c "sleep 1000; :"; :'
  const { paneId } = await server.open({ name: 'dev', command: ['sh', '-c', nested] })
  const pane = (await host.list()).find((candidate) => candidate.paneId === paneId)!
  const deepest = await waitFor(async () => descendant(pane.pid, 2), 'a process below the pane')

  const session = await ownSession(host, deepest)

  expect(session).toEqual({ node: 'test', name: 'dev' })
})

test('a process outside of every pane is refused', async () => {
  await using server = await startTmux()
  await using host = openHost(server)
  await server.open({ name: 'dev' })
  const stranger = spawn('sleep', ['1000'])
  await once(stranger, 'spawn')

  const session = ownSession(host, stranger.pid)

  await expect(session).rejects.toThrow('not started inside a tmux session')
  stranger.kill()
})

function descendant(pid: number, depth: number): number | undefined {
  if (depth === 0) return pid
  const [child] = new ProcessTable().children(pid)
  return child === undefined ? undefined : descendant(child, depth - 1)
}
