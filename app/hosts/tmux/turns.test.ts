import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { inTurn } from './turns.ts'

test('programs that come and go at the same time leave the server alive', async () => {
  await using server = await startTmux()
  const pane = await server.open({ name: 'a', command: ['cat'] })
  const comeAndGo = async () => {
    for (let times = 0; times < 15; times += 1) {
      await using host = openHost(server)
      await host.list()
      await using _terminal = await host.attach(pane, 'view')
    }
  }

  await Promise.all([comeAndGo(), comeAndGo()])

  expect(await server.run('list-sessions', '-F', '#{session_name}')).toMatch(/^a$/m)
})

test('one goes after the other, and whoever dies in its turn holds up nobody', async () => {
  await using server = await startTmux()
  const order: string[] = []
  const program = join(server.folder, 'dies.mts')
  const turns = JSON.stringify(new URL('turns.ts', import.meta.url).href)
  await writeFile(
    program,
    `const { inTurn } = await import(${turns})
     await inTurn(${JSON.stringify(server.socketPath)}, () => new Promise(() => {
       process.send('inside')
       setInterval(() => {}, 1000)
     }))`,
  )
  const child = fork(program, { execArgv: ['--import', import.meta.resolve('tsx')] })
  await once(child, 'message')

  const first = inTurn(server.socketPath, async () => {
    order.push('first begins')
    await sleep(50)
    order.push('first ends')
  })
  await sleep(200)
  order.push('the child dies')
  child.kill('SIGKILL')
  await first
  await Promise.all([
    inTurn(server.socketPath, async () => {
      await sleep(50)
      order.push('second')
    }),
    sleep(20).then(() => inTurn(server.socketPath, async () => order.push('third'))),
  ])

  expect(order).toEqual(['the child dies', 'first begins', 'first ends', 'second', 'third'])
})
