import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endTmux, startPane } from '../testing/real-agents/pane.ts'
import type { TestPane } from '../testing/real-agents/pane.ts'
import { createAgentFinder, type AgentProcess, type Recogniser } from './process.ts'
import { ProcessTable } from './process-table.ts'

const recognisers: Recogniser[] = [
  { kind: 'claude', executables: ['claude'], argvPatterns: [/claude-code\/cli\.m?js(\s|$)/] },
  { kind: 'codex', executables: ['codex'], argvPatterns: [/bin\/codex(\.js)?(\s|$)/] },
]
const socket = `process-test-${process.pid}`
let folder: string
let pane: TestPane
let shell: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'))
  await mkdir(join(folder, 'bin'))
  // A copy of `sleep` under the agent's name is a process of that name.
  await copyFile('/bin/sleep', join(folder, 'bin/claude'))
  await writeFile(join(folder, 'bin/codex'), 'setTimeout(() => {}, 60000)\n')
  await writeFile(join(folder, 'bin/notes.js'), 'setTimeout(() => {}, 60000)\n')
  await writeFile(join(folder, 'bin/agent.sh'), `#!/bin/sh\n${join(folder, 'bin/claude')} 60\n`)
  await chmod(join(folder, 'bin/agent.sh'), 0o755)
  pane = await startPane({ socket, session: 's', dir: folder, env: { HOME: folder, CODEX_HOME: '/codex' } })
  shell = await pane.pid()
})

afterAll(async () => {
  await endTmux(socket)
  // The shell of the pane may still be writing its history.
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
})

describe('the agent of a pane', () => {
  test('is found with its working folder and the homes it was started with', async () => {
    const agent = await during('bin/claude 60')

    expect(agent).toMatchObject({ kind: 'claude', cwd: folder, home: folder, codexHome: '/codex' })
    expect(agent?.argv).toEqual(['bin/claude', '60'])
    expect(agent?.startedAt).toBeGreaterThan(0)
  })

  test.each([
    ['a script that an interpreter runs', 'node bin/codex', 'codex'],
    ['an interpreter with options before the script', 'node --no-warnings -r node:fs bin/codex', 'codex'],
    ['sh -c', 'sh -c "bin/claude 60; true"', 'claude'],
    ['a wrapper script', 'bin/agent.sh', 'claude'],
    ['timeout', 'timeout 60 bin/claude 60', 'claude'],
    ['env and nice', 'env X=1 nice bin/claude 60', 'claude'],
    ['a terminal of its own', 'script -qc "bin/claude 60" /dev/null', 'claude'],
  ])('is found behind %s', async (_fact, command, kind) => {
    expect((await during(command))?.kind).toBe(kind)
  })

  test.each([
    ['a script that is told the name of an agent', 'node bin/notes.js bin/codex'],
    ['a program that has an agent for an argument', 'tail -f bin/claude'],
    ['an agent in the background of its shell', 'bin/claude 60 & sleep 60'],
  ])('is not %s', async (_fact, command) => {
    expect(await during(command)).toBeNull()
  })

  test('is gone while it is suspended and the same one when it goes on', async () => {
    const finder = createAgentFinder(recognisers)
    await run('bin/claude 60')
    const before = finder.find(shell)

    await pane.press('C-z')
    await sleep(300)
    const suspended = finder.find(shell)
    await pane.type('fg')
    await pane.press('Enter')
    await sleep(300)
    const after = finder.find(shell)
    await stop()

    expect(before).not.toBeNull()
    expect(suspended).toBeNull()
    expect(after).toEqual(before)
  })

  test('is another one after a restart, although everything else is equal', async () => {
    const finder = createAgentFinder(recognisers)
    await run('bin/claude 60')
    const first = finder.find(shell)
    await stop()
    await run('bin/claude 60')
    const second = finder.find(shell)
    await stop()

    expect(second).not.toBeNull()
    expect(second?.startedAt).not.toBe(first?.startedAt)
  })

  test('is gone at the next look after a kill', async () => {
    const finder = createAgentFinder(recognisers)
    await run('bin/claude 60')
    const agent = finder.find(shell)
    process.kill(agent?.pid ?? 0, 'SIGKILL')
    await sleep(300)

    expect(finder.find(shell)).toBeNull()
  })

  test('costs two reads while nothing changes', async () => {
    const table = new CountingTable()
    const finder = createAgentFinder(recognisers, table)
    await run('bin/claude 60')
    finder.find(shell)
    table.reads = 0
    finder.find(shell)
    await stop()

    expect(table.reads).toBe(2)
  })
})

describe('the process table', () => {
  test('reads a name with brackets and blanks', async () => {
    const program = join(folder, 'a) (b')
    await copyFile('/bin/sleep', program)
    await using child = started(spawn(program, ['60']))

    const entry = new ProcessTable().entry(child.pid)

    expect(entry).toMatchObject({ name: 'a) (b', parent: process.pid, pid: child.pid })
  })

  test('knows nothing of a process that is gone, and says so quietly', () => {
    const table = new ProcessTable()
    const pid = 4_190_000

    expect(table.entry(pid)).toBeNull()
    expect(table.children(pid)).toEqual([])
    expect(table.cwd(pid)).toBeNull()
    expect(table.environment(pid).size).toBe(0)
    expect(createAgentFinder(recognisers, table).find(pid)).toBeNull()
  })
})

class CountingTable extends ProcessTable {
  reads = 0

  override entry(pid: number) {
    this.reads += 1
    return super.entry(pid)
  }
}

/** What is found in the pane while `command` runs there. */
async function during(command: string): Promise<AgentProcess | null> {
  await run(command)
  const agent = createAgentFinder(recognisers).find(shell)
  await stop()
  return agent
}

async function run(command: string) {
  await pane.type(command)
  await pane.press('Enter')
  await sleep(700)
}

async function stop() {
  await pane.press('C-c')
  await sleep(300)
}

function started(child: ChildProcess) {
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}
