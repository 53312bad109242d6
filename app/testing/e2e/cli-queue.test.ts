import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCliWorld, type CliWorld } from './cli.ts'

/** Everything that can be asked of the queue while no assigner runs, and every way to ask for it wrongly. */
let world: CliWorld
beforeAll(async () => {
  world = await openCliWorld()
  await world.tmux.open({ name: 'shell', command: ['cat'] })
})
afterAll(() => world[Symbol.asyncDispose]())

const send = (...args: string[]) =>
  world.json<{ prompt_id: number; prompt: { content: string; state: string } }>(['assigner', ...args])

describe('sending', () => {
  test('a prompt is queued, and it is said that nobody works on it yet', async () => {
    const answer = await world.run(['assigner', '--send', 'Fix the bug'])

    expect(answer).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Queued as prompt \d+\. The assigner is not running; start it with \.\/deploy\.sh --daemon\.\n$/,
      ),
      stderr: '',
    })
  })

  test('standard input and a file are taken whole', async () => {
    const path = join(world.tmux.folder, 'task.md')
    await writeFile(path, 'ä\n\ttwo `$HOME` #{pane_id}\n')
    const piped = await world.run(['assigner', '--send', '-', '--json'], { input: 'one\r\ntwo' })

    const filed = await send('--file', path)

    expect(JSON.parse(piped.stdout).prompt.content).toBe('one\ntwo')
    expect(filed.prompt.content).toBe('ä\n\ttwo `$HOME` #{pane_id}')
  })

  test('a text that begins with @ or - is a prompt, not a file and not an option', async () => {
    const at = await send('--send', '@src/app.ts explain this')
    const dash = await send('--send', '--fix it')

    expect([at.prompt.content, dash.prompt.content]).toEqual(['@src/app.ts explain this', '--fix it'])
  })

  test('the same key twice is one prompt', async () => {
    const first = await send('--send', 'Nightly', '--key', 'night-1')
    const second = await send('--send', 'Nightly', '--key', 'night-1')

    expect(second).toMatchObject({ prompt_id: first.prompt_id, created: false })
  })

  test.each<[string, string[], string | Buffer, number, RegExp]>([
    ['nothing', ['--send', ''], '', 1, /The prompt is empty/],
    ['empty input', ['--send', '-'], ' \n', 1, /The prompt is empty/],
    ['bytes that are no text', ['--send', '-'], Buffer.from([0x61, 0xff, 0x62]), 1, /not valid UTF-8/],
    ['a NUL byte', ['--send', '-'], Buffer.from([0x61, 0, 0x62]), 1, /NUL byte/],
    ['too much', ['--send', '-'], 'x'.repeat(1_100_000), 1, /too large: 1,100,000 bytes, at most 1,048,576/],
    ['far too much', ['--send', '-'], 'x'.repeat(5_000_000), 1, /too large for a prompt/],
    ['a command of the agent', ['--send', '/clear'], '', 1, /--agent-command/],
    ['a missing file', ['--file', '/nowhere/task.md'], '', 1, /Cannot read \/nowhere\/task\.md/],
    ['a folder', ['--file', '/'], '', 2, /is a folder/],
    ['an unknown session', ['--send', 'x', '--target', 'nobody'], '', 1, /There is no session "nobody"/],
    [
      'a session without an agent',
      ['--send', 'x', '--target', 'shell'],
      '',
      1,
      /has no agent in it \(it runs cat\)/,
    ],
    [
      'a priority too high',
      ['--send', 'x', '--priority', '11'],
      '',
      2,
      /whole number from 0 to 10; "11" is none/,
    ],
    ['two actions', ['--send', 'x', '--cancel', '1'], '', 2, /Only one of --send and --cancel/],
    ['an unknown flag', ['--sned', 'x'], '', 2, /unknown option '--sned'/],
    ['metadata that is no object', ['--send', 'x', '--metadata', '[1]'], '', 2, /takes a JSON object/],
    ['a prompt to follow that is not there', ['--send', 'x', '--follow-up', '999'], '', 1, /no prompt 999/],
    ['a prompt to wait for that is not there', ['--send', 'x', '--after', '999'], '', 1, /no prompt 999/],
  ])('%s is refused with one sentence', async (_, args, input, code, sentence) => {
    const answer = await world.run(['assigner', ...args], { input })

    expect(answer).toMatchObject({ code, stdout: '' })
    expect(answer.stderr).toMatch(sentence)
    expect(answer.stderr).toMatch(/^architect: /)
    expect(answer.stderr).not.toMatch(/\n\s+at |Error:/)
  })
})

test('what was refused has left nothing in the queue', async () => {
  const { items } = await world.json<{ items: { content: string }[] }>(['prompts'])

  expect(items.filter(({ content }) => content === 'x' || content.startsWith('xx'))).toEqual([])
})

describe('changing', () => {
  test('a waiting prompt is cancelled, retried, reassigned to anyone and cleared', async () => {
    const { prompt_id: id } = await send('--send', 'Change me')

    const states = []
    for (const args of [['--cancel'], ['--retry'], ['--cancel'], ['--reassign'], ['--cancel']]) {
      const answer = await world.json<{ prompt: { state: string } }>(['assigner', ...args, String(id)])
      states.push(answer.prompt.state)
    }
    const cleared = await world.json<{ deleted: number }>(['assigner', '--clear'])
    const after = await world.run(['assigner', '--result', String(id)])

    expect(states).toEqual(['cancelled', 'pending', 'cancelled', 'pending', 'cancelled'])
    expect(cleared.deleted).toBeGreaterThan(0)
    expect(after).toEqual({ code: 1, stdout: '', stderr: `architect: There is no prompt ${id}.\n` })
  })

  test('a staged prompt waits for approval; a rejected one is over', async () => {
    const one = await send('--send', 'May I?', '--staged')
    const two = await send('--send', 'May I, too?', '--staged')

    const approved = await world.run(['assigner', '--approve', String(one.prompt_id)])
    const rejected = await world.run(['assigner', '--reject', String(two.prompt_id)])
    const again = await world.run(['assigner', '--approve', String(two.prompt_id)])

    expect(approved.stdout).toContain(`Prompt ${one.prompt_id} is approved and queued.`)
    expect(rejected.stdout).toContain(`Prompt ${two.prompt_id} is rejected.`)
    expect(again.stderr).toContain(`Cannot approve prompt ${two.prompt_id}: it is cancelled`)
  })

  test('an unknown prompt is one sentence, whatever is asked of it', async () => {
    const flags = ['cancel', 'retry', 'reassign', 'interrupt', 'approve', 'reject', 'result', 'watch']

    const answers = await Promise.all(flags.map((flag) => world.run(['assigner', `--${flag}`, '4711'])))

    const refusal = { code: 1, stdout: '', stderr: 'architect: There is no prompt 4711.\n' }
    expect(answers).toEqual(flags.map(() => refusal))
  })

  test('the queue is paused and opened again, and status says so', async () => {
    await world.run(['assigner', '--pause'])
    const paused = await world.json<{ controls: { paused: boolean } }>(['status'])
    await world.run(['assigner', '--resume'])
    const open = await world.json<{ controls: { paused: boolean } }>(['status'])

    expect([paused.controls.paused, open.controls.paused]).toEqual([true, false])
  })
})

describe('what is wrong with the surroundings', () => {
  test('a wrong variable is named with what it must be', async () => {
    const answer = await world.run(['prompts'], { env: { LOG_LEVEL: 'loud' } })

    expect(answer).toMatchObject({ code: 1, stdout: '' })
    expect(answer.stderr).toMatch(/^architect: LOG_LEVEL must be one of .* "loud" is not\.\n$/)
  })

  test('a damaged database is named and nothing is deleted', async () => {
    const data = join(world.tmux.folder, 'damaged')
    await world.run(['prompts'], { env: { ARCHITECT_DATA: data } })
    await rm(join(data, 'architect.db-wal'), { force: true })
    await writeFile(
      join(data, 'architect.db'),
      'this is no database, it only stands where one should be'.repeat(100),
    )

    const answer = await world.run(['prompts'], { env: { ARCHITECT_DATA: data } })

    expect(answer).toMatchObject({ code: 1, stdout: '' })
    expect(answer.stderr).toMatch(/^architect: .*architect\.db/)
    expect(answer.stderr).not.toContain('internal error')
  })

  test('a data folder that is a file is named', async () => {
    const file = join(world.tmux.folder, 'file')
    await writeFile(file, '')

    const answer = await world.run(['assigner', '--send', 'x'], { env: { ARCHITECT_DATA: file } })

    expect(answer.code).toBe(1)
    expect(answer.stderr).toMatch(/^architect: .*file/)
    expect(answer.stderr).not.toContain('internal error')
  })

  test('no tmux server is no failure for a list, it is an empty one', async () => {
    const answer = await world.run(['sessions'], { env: { ARCHITECT_TMUX_SOCKET: '/nowhere/tmux.sock' } })

    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('No agent session') })
  })

  test('a mistake in a rule file of the user is named with file and line', async () => {
    const data = join(world.tmux.folder, 'rules')
    await world.run(['prompts'], { env: { ARCHITECT_DATA: data } })
    await mkdir(join(data, 'agents'))
    await writeFile(join(data, 'agents', 'mine.yaml'), 'kind: mine\nrecorded: [1.0\n')

    const answer = await world.run(['sessions'], { env: { ARCHITECT_DATA: data } })

    expect(answer.code).toBe(1)
    expect(answer.stderr).toMatch(/^architect: .*mine\.yaml, line \d+: /)
  })
})

test('a reader that has seen enough is no failure', async () => {
  const child = world.start(['assigner', '--help'])
  child.stdout.destroy()

  const code = await new Promise((resolve) => child.on('close', resolve))

  expect(code).toBe(0)
})

test('colours are for terminals: a pipe gets none', async () => {
  const answer = await world.run(['prompts'])

  expect(answer.stdout).not.toContain('\u001b[')
})
