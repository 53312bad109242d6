import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { describeTerminals } from '../terminals.contract.ts'

describeTerminals('tmux', async () => {
  const server = await startTmux()
  const host = openHost(server)
  return {
    host,
    server,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
})

test('a process that is killed takes its terminals with it', async () => {
  await using server = await startTmux()
  const pane = await server.open({ name: 'a', command: ['bash', '--norc'] })
  const clients = async () => (await server.run('list-clients', '-F', '#{client_pid}')).split('\n')
  const program = join(server.folder, 'attach.mts')
  const address = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  await writeFile(
    program,
    `const { TmuxHost } = await import(${address('tmux-host.ts')})
     const { parseSockets } = await import(${address('sockets.ts')})
     const host = new TmuxHost({ sockets: parseSockets(${JSON.stringify(server.socketPath)}) })
     const terminal = await host.attach(${JSON.stringify(pane)}, 'type')
     terminal.onOutput(() => process.send(terminal.pid))
     setInterval(() => {}, 1000)`,
  )
  const child = fork(program, { execArgv: ['--import', import.meta.resolve('tsx')] })
  const [pid] = (await once(child, 'message')) as [number]
  const before = await clients()

  child.kill('SIGKILL')
  const gone = await waitFor(async () => !(await clients()).includes(String(pid)), 'the end of the client')

  expect(before).toContain(String(pid))
  expect(gone).toBe(true)
  // Its control client can outlive it, and would hold up the end of the server.
  const rows = await server.run('list-clients', '-F', '#{client_control_mode} #{client_pid}')
  for (const row of rows.split('\n')) if (row.startsWith('1 ')) process.kill(Number(row.slice(2)), 'SIGKILL')
})
