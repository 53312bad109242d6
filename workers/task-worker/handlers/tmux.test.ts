import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTaskWorld, type TaskWorld } from '../../../app/testing/task-world.ts'
import { startTmux, type TmuxFixture } from '../../../app/testing/tmux.ts'
import { waitFor } from '../../../app/testing/wait-for.ts'

let server: TmuxFixture
let world: TaskWorld

beforeAll(async () => {
  server = await startTmux()
  world = await startTaskWorld({ tmuxSocket: server.socketPath })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function tmux(data: object, more: object = {}) {
  return world.ended(await world.create({ type: 'tmux', data: { ...data }, maxRetries: 0, ...more }))
}
const create = (session: string, command: string[], more: object = {}) =>
  tmux({ operation: 'create', session, command }, more)
const screen = (session: string) => server.run('capture-pane', '-p', '-J', '-t', `=${session}:`)
const until = (session: string, text: string) =>
  waitFor(async () => (await screen(session)).includes(text), `"${text}" in ${session}`, 20_000)

describe('a session', () => {
  test('is made in the folder, listed, read, and ended', async () => {
    const made = await create('whole', ['sh', '-c', 'pwd; cat'], { dir: world.dataDir })
    await until('whole', world.dataDir)

    const listed = await tmux({ operation: 'list' })
    const read = await tmux({ operation: 'capture', session: 'whole', lines: 100 })
    const ended = await tmux({ operation: 'kill', session: 'whole' })

    expect([made, listed, read, ended].map(({ task }) => task.state)).toEqual(Array(4).fill('completed'))
    expect(listed.task.result).toMatchObject({ text: expect.stringMatching(/^whole 1 \d+$/m) })
    expect(read.task.result).toMatchObject({ text: expect.stringContaining(world.dataDir) })
    expect(await server.run('list-sessions').catch(String)).not.toContain('whole')
  })

  test('gets its command word by word, whatever the words are', async () => {
    const words = ['a b', '$(id)', ';', 'x;', '\\;', '#{pane_id}', '%1', "it's"]

    await create('words', ['sh', '-c', 'for each; do echo "[$each]"; done; cat', 'sh', ...words])
    await until('words', "[it's]")

    expect((await screen('words')).split('\n').filter((line) => line.startsWith('['))).toEqual(
      words.map((word) => `[${word}]`),
    )
  })

  test('lives on when its task is over, and knows neither secrets nor marks', async () => {
    await create('free', ['sh', '-c', 'env; echo END; cat'])
    await until('free', 'END')

    expect(await server.run('capture-pane', '-p', '-S', '-', '-t', '=free:')).not.toMatch(/ARCHITECT_/)
  })

  test('of that name twice, or none of it, is said', async () => {
    await create('twice', ['cat'])

    const again = await create('twice', ['cat'])
    const none = await tmux({ operation: 'kill', session: 'twic' })
    const dead = await tmux({ operation: 'capture', session: 'nobody' })

    expect([again, none, dead].map(({ task }) => task.state)).toEqual(['failed', 'failed', 'failed'])
    expect([again.log, none.log]).toEqual(['duplicate session: twice\n', "can't find session: twic\n"])
  })
})

describe('a text is typed', () => {
  const send = (session: string, text: string, more: object = {}) =>
    tmux({ operation: 'send', session, text, ...more })

  test('where a shell waits, as it is, with Enter or without', async () => {
    const text = `echo "it's" '\\;' '#{pane_id}' '%1' '%%' '~' ä€😀 -t x ;`
    await create('shell', ['sh'])

    const sent = await send('shell', text)
    await until('shell', "it's \\; #{pane_id} %1 %% ~ ä€😀")
    const left = await send('shell', ': not yet', { enter: false })
    await until('shell', ': not yet')

    expect([sent.task.reason, left.task.reason]).toEqual([null, null])
    expect((await screen('shell')).trimEnd()).toMatch(/: not yet$/)
  })

  test.each(['😀'.repeat(5_000), "'".repeat(10_000)])('of the greatest length (%#)', async (text) => {
    const { task } = await send('shell', text, { enter: false })

    expect(task.reason).toBeNull()
    expect(await server.run('list-buffers')).toBe('')
  })

  test('nowhere else: no agent, no program, no dialog gets it', async () => {
    await create('agent', ['cat'])

    const { task } = await send('agent', 'rm -rf /')

    const gone = await send('nobody', 'ls')

    expect(task).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('In agent no shell waits'),
    })
    expect(gone).toMatchObject({ task: { state: 'failed' }, log: "can't find session: nobody\n" })
    expect(await server.run('list-buffers')).toBe('')
    expect(await screen('agent')).not.toContain('rm')
  })

  test('without control characters alone', async () => {
    const { task } = await send('shell', 'a\u0003b')

    expect(task).toMatchObject({ state: 'failed', reason: expect.stringContaining('control characters') })
  })
})
