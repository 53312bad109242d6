import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startScriptedAgent, type ScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

/** The whole way as a user goes it: sessions, daemon, prompts, answers, terminal, stop. */
let world: CliWorld
let agent: ScriptedAgent
beforeAll(async () => {
  world = await openCliWorld()
  agent = await startScriptedAgent(world.tmux, { name: 'dev', behaviour: { thinkMs: 200, answer: 'Done.' } })
})
afterAll(() => world[Symbol.asyncDispose]())

describe('before the assigner runs', () => {
  test('sessions and explain look themselves', async () => {
    const { items } = await world.json<{ items: object[] }>(['sessions'])
    const explained = await world.run(['explain', 'dev'])

    expect(items).toEqual([
      expect.objectContaining({ name: 'dev', agent: 'scripted', state: 'idle', accepts_prompt: true }),
    ])
    expect(explained.stdout).toMatch(/^dev \(dev:0\.0, %\d+\): ○ idle \(scripted.*\), takes a prompt now\n/)
  })

  test('a slip in the name of a session is answered with the right one', async () => {
    const answer = await world.run(['explain', 'dve'])

    expect(answer).toEqual({
      code: 1,
      stdout: '',
      stderr: 'architect: There is no session "dve". Did you mean "dev"?\n',
    })
  })
})

describe('while the assigner runs', () => {
  beforeAll(async () => {
    await world.run(['assigner', '--send', 'queued before the start'])
    const started = await world.run(['--daemon'])
    if (started.code !== 0) throw new Error(started.stderr)
  })

  test('a prompt that waited is delivered once, and its answer can be piped', async () => {
    const followed = await world.run(['assigner', '--watch', '1'])
    const result = await world.run(['assigner', '--result', '1'])

    expect(followed).toMatchObject({ code: 0 })
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('Done.') })
    expect(result.stderr).toMatch(/^prompt 1 completed by dev in \d+:\d\d/)
    expect(await agent.prompts()).toEqual(['queued before the start'])
  })

  test('a second assigner on the same data is refused with the first one’s pid', async () => {
    const { assigner } = await world.json<{ assigner: { pid: number } }>(['status'])

    const here = await world.run(['assigner'])
    const daemon = await world.run(['assigner', '--daemon'])

    const sentence = `architect: Another assigner already works on ${world.dataDir} (pid ${assigner.pid}, since `
    expect([here.code, daemon.code]).toEqual([1, 1])
    expect([here.stderr, daemon.stderr]).toEqual([
      expect.stringContaining(sentence),
      expect.stringContaining(sentence),
    ])
  })

  test('lines that are piped into the terminal are commands; a wrong one makes the exit code 1', async () => {
    const good = await world.run(['terminal'], {
      input: 'os:7: from the terminal\nprompts\nquit\nnever read\n',
    })
    const bad = await world.run(['terminal'], { input: 'fix it\nstatus\n' })

    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Queued as prompt \d+\.\n/) })
    expect(good.stdout).toContain('from the terminal')
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('Assigner   running') })
    expect(bad.stderr).toContain('"fix it" is no command. To send it as a prompt: os: fix it')
  })

  test('a session that is ignored gets nothing until it no longer is', async () => {
    await world.run(['sessions', '--ignore', 'dev'])
    const { prompt_id: id } = await world.json<{ prompt_id: number }>([
      'assigner',
      '--send',
      'for nobody yet',
    ])
    const waiting = await waitFor(async () => {
      const { items } = await world.json<{ items: { id: number; waiting_for: string | null }[] }>(['prompts'])
      return items.find((prompt) => prompt.id === id && prompt.waiting_for !== null)
    }, 'the reason why the prompt waits')
    await world.run(['sessions', '--unignore', 'dev'])
    const followed = await world.run(['assigner', '--watch', String(id)])

    expect(waiting.waiting_for).toContain('ignored')
    expect(followed.code).toBe(0)
  })

  test('setup-sessions starts what is missing once and leaves what holds no agent alone', async () => {
    const file = join(world.tmux.folder, 'sessions.yaml')
    await world.tmux.open({ name: 'notes', command: ['cat'] })
    await writeFile(
      file,
      'sessions:\n  - {name: notes, agent: scripted, dir: .}\n  - {name: dev, agent: scripted, dir: .}\n',
    )

    const answer = await world.run(['setup-sessions', file])

    expect(answer.code).toBe(1)
    expect(answer.stdout).toMatch(/^notes: LEFT ALONE .*: it holds no agent but cat; /)
    expect(answer.stdout).toMatch(/\ndev: is there /)
  })

  test('stop ends it and leaves the agent at work', async () => {
    const stopped = await world.run(['stop'])
    const again = await world.run(['stop'])

    expect(stopped.stdout).toMatch(
      /^The dashboard \(pid \d+\) has ended\.\nThe assigner \(pid \d+\) has ended\.\n$/,
    )
    expect(again).toEqual({ code: 0, stdout: 'Nothing is running.\n', stderr: '' })
    expect(await world.tmux.run('list-sessions', '-F', '#{session_name}')).toBe('dev\nnotes\n')
    expect(await readFile(join(world.dataDir, 'logs/progress.log'), 'utf8')).toMatch(
      /prompt 1 (was )?completed by dev/,
    )
  })
})
