import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { packageRoot } from '../app/core/paths.ts'
import { cancelTask } from '../app/db/task/change.ts'
import { getTask, runsOf } from '../app/db/task/read.ts'
import { sealVault, unlockVault } from '../app/vault/seal.ts'
import { createSecret } from '../app/vault/secrets.ts'
import { startTaskWorld, type TaskWorld } from '../app/testing/task-world.ts'
import { waitFor } from '../app/testing/wait-for.ts'
import { killMarked } from './task-worker/processes.ts'

let world: TaskWorld
const own = (name: string) => join(world.dataDir, name)

beforeAll(async () => {
  world = await startTaskWorld({
    async prepare(dataDir, { tools }) {
      const by = { kind: 'user', name: 'ann', address: null } as const
      await createSecret({ ...tools, by }, { name: 'DEPLOY_KEY', value: 'p1anted-deploy-key-0123' })
      mkdirSync(join(dataDir, 'work'))
      writeFileSync(join(dataDir, 'handlers', 'greet.mjs'), documentedModule())
      writeFileSync(join(dataDir, 'handlers', 'moody.mjs'), moodyModule)
      writeFileSync(join(dataDir, 'handlers', 'broken.mjs'), 'throw new Error("no such thing")')
      writeFileSync(join(dataDir, 'handlers', 'empty.mjs'), 'export const nothing = 1')
      writeFileSync(join(dataDir, 'handlers', 'leaves.mjs'), 'process.exit(3)')
    },
    register: (worker) =>
      worker.registerHandler({
        type: 'double',
        about: 'Doubles a number',
        data: z.strictObject({ n: z.number() }),
        handle: ({ n }) => Promise.resolve({ result: { twice: 2 * n } }),
      }),
  })
})
afterAll(() => world[Symbol.asyncDispose]())

/** The example that people copy. */
function documentedModule(): string {
  const text = readFileSync(join(packageRoot, 'views/docs/tasks.md'), 'utf8')
  return /```js\n([^`]*`[^`]*`[^`]*)```/.exec(text)![1]!
}

const moodyModule = `
export default ({ z }) => ({
  type: 'moody',
  about: 'Says hello, mostly',
  data: z.object({ name: z.string() }),
  timeoutSeconds: 30,
  maxRetries: 0,
  async run({ name }, { log }) {
    log('hello ' + name)
    if (name === 'nobody') throw Object.assign(new Error('there is nobody'), { retry: false })
    if (name === 'talker') process.send('ready')
    if (name === 'crash') process.kill(process.pid, 'SIGKILL')
    return { greeted: name }
  },
})`

async function shell(command: string, more: object = {}) {
  const id = await world.create({ type: 'shell', data: { command }, ...more })
  return world.ended(id)
}

describe('a command', () => {
  test('runs in its folder, and its exit code, time, memory and log are kept', async () => {
    const { task, run, log } = await shell('pwd; echo err >&2; sleep 0.2', { dir: own('work') })

    expect(task).toMatchObject({ state: 'completed', runs: 1, worker: 'tester' })
    expect(run).toMatchObject({ outcome: 'completed', exitCode: 0, signal: null })
    expect(run.endedAt! - run.startedAt).toBeGreaterThanOrEqual(200)
    expect(run.peakMemoryBytes).toBeGreaterThan(100_000)
    expect(log).toContain(own('work'))
    expect(log).toContain('err\n')
  })

  test('without a folder gets one of its own, which goes with it', async () => {
    const { log } = await shell('pwd; touch file')

    expect(log).toContain('/task-folders/')
    expect(existsSync(log.trim())).toBe(false)
  })

  test('that fails is tried again, then it is a dead letter with its reason', async () => {
    const { task, run } = await shell('exit 7', { maxRetries: 1 })

    expect(task).toMatchObject({ state: 'failed', runs: 2, reason: 'the command ended with exit code 7' })
    expect(run).toMatchObject({ number: 2, exitCode: 7 })
  })

  test('may leave paths in its folder that are too long to be named', async () => {
    const code = "import os\nfor _ in range(30): os.mkdir('d' * 200); os.chdir('d' * 200)"

    const { task } = await world.ended(await world.create({ type: 'python', data: { code }, maxRetries: 0 }))

    expect(task).toMatchObject({ state: 'completed', runs: 1 })
    expect(readdirSync(own('task-folders'))).toEqual([])
  })

  test('does not take the mark from its programs', async () => {
    const data = { command: 'env', env: { ARCHITECT_TASK_RUN: 'mine', PATH: process.env['PATH'] } }
    const { log } = await world.ended(await world.create({ type: 'shell', data }))

    expect(log).toMatch(/^ARCHITECT_TASK_RUN=\d+-\d+:\d+$/m)
  })

  test('in a folder that is not there fails at once', async () => {
    const { task } = await shell('true', { dir: '/nonexistent/folder', maxRetries: 5 })

    expect(task).toMatchObject({ state: 'failed', runs: 1, reason: expect.stringContaining('no folder') })
  })

  test('in a folder that vanishes meanwhile ends', async () => {
    mkdirSync(own('gone'))

    const { task } = await shell(`rmdir ${own('gone')}; cd ..; ls nothing`, {
      dir: own('gone'),
      maxRetries: 0,
    })

    expect(task.state).toBe('failed')
  })

  test('gets neither what opens Architect nor the terminal that the worker was started in', async () => {
    process.env['SECRET_KEY'] = 'planted-signing-key'
    process.env['TMUX'] = '/tmp/x,1,1'
    try {
      const { log } = await shell('env')

      expect(log).not.toMatch(/SECRET_KEY|^TMUX|planted/m)
      expect(log).toMatch(/^ARCHITECT_TASK=\d+$/m)
    } finally {
      delete process.env['SECRET_KEY']
      delete process.env['TMUX']
    }
  })
})

describe('a secret', () => {
  test('is in the environment of the programs alone, and masked in the log, also in pieces', async () => {
    const command =
      'printf p1anted-dep; sleep 0.6; printf loy-key-0123; echo; echo "$DEPLOY_KEY"; ' +
      'printf p1anted- >&2; sleep 0.1; printf deploy-key-0123; printf "%s" "$DEPLOY_KEY" | base64'
    const { task, run, log } = await shell(command, { secrets: ['DEPLOY_KEY'] })

    expect(task.state).toBe('completed')
    expect(log).toContain('[secret DEPLOY_KEY]')
    expect(log + run.logTail).not.toMatch(/p1anted-dep|deploy-key-0123|loy-key/)
    expect(log).not.toContain(Buffer.from('p1anted-deploy-key-0123').toString('base64'))
  })

  test('comes under another name when asked, and one that is not there fails the run', async () => {
    const given = await shell('test -n "$TOKEN" && test -z "$DEPLOY_KEY"', { secrets: ['TOKEN=DEPLOY_KEY'] })
    const missing = await shell('true', { secrets: ['NOTHING'], maxRetries: 0 })

    expect(given.task.state).toBe('completed')
    expect(missing.task).toMatchObject({ state: 'failed', reason: expect.stringContaining('NOTHING') })
  })
})

describe('while the vault is sealed', () => {
  test('a task with secrets waits and goes on when it is opened, and one that runs comes to its end masked', async () => {
    const user = { ...world.tools, by: { kind: 'user', name: 'ann', address: null } as const }
    const secrets = { secrets: ['DEPLOY_KEY'] }
    const running = await world.create({
      type: 'shell',
      data: { command: `touch ${own('runs')}; sleep 1; echo "$DEPLOY_KEY"` },
      ...secrets,
    })
    await waitFor(async () => existsSync(own('runs')), 'the run')

    await sealVault(user)
    const queued = await world.create({
      type: 'shell',
      data: { command: 'test -n "$DEPLOY_KEY"' },
      ...secrets,
    })
    const first = await world.ended(running)
    const meanwhile = await getTask(world.tools.database.kysely, queued)
    await unlockVault(user, null)
    const second = await world.ended(queued)

    expect([first.task.state, first.log]).toEqual(['completed', '[secret DEPLOY_KEY]\n'])
    expect([meanwhile.endedAt, second.task.state, second.task.runs]).toEqual([null, 'completed', 1])
  })
})

describe('a run is ended', () => {
  test('when it takes too long, with all that it started and that ignores TERM', async () => {
    const stubborn = `trap '' TERM; sh -c "trap '' TERM; sleep 301 & sleep 301" & echo $! > ${own('stubborn')}; sleep 301`

    const { task, run } = await shell(stubborn, { timeoutMs: 500, maxRetries: 0 })

    expect(task).toMatchObject({ state: 'failed', reason: 'it took longer than 0.5 s' })
    expect(run).toMatchObject({ outcome: 'timed_out' })
    expect(await sleepers('301')).toEqual([])
  })

  test('when somebody cancels it, also what went to a session of its own', async () => {
    const id = await world.create({ type: 'shell', data: { command: 'setsid sleep 302 & sleep 302' } })
    await waitFor(async () => (await sleepers('302')).length === 2, 'two sleepers')

    await world.tools.database.write((db) => cancelTask(db, id, 'ann', Date.now()))
    const { task, run } = await world.ended(id)

    expect(task).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    expect(run).toMatchObject({ outcome: 'cancelled' })
    expect(await sleepers('302')).toEqual([])
  })

  test('with what it left in the background', async () => {
    const { task } = await shell('sleep 303 & exec >&- 2>&-; exit 0')

    expect(task.state).toBe('completed')
    expect(await sleepers('303')).toEqual([])
  })

  test('although it closed its output and lives on', async () => {
    const { task, run } = await shell('exec >&- 2>&-; sleep 1; exit 4', { maxRetries: 0 })

    expect(task.state).toBe('failed')
    expect(run.exitCode).toBe(4)
  })
})

test('a gigabyte of output costs neither memory nor place', async () => {
  const before = process.memoryUsage().rss

  const { task, run, log } = await shell('head -c 1000000000 /dev/zero | tr "\\0" x; echo; echo the end')

  expect(task.state).toBe('completed')
  expect(run.logBytes).toBe(1_000_000_009)
  expect(log.length).toBeLessThan(1_300_000)
  expect(log).toMatch(/the end\n$/)
  expect(run.logTail).toMatch(/the end\n$/)
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
}, 120_000)

describe('a handler of somebody’s own', () => {
  test('is a module in data/handlers, as the documentation shows it', async () => {
    const { task, log } = await world.ended(await world.create({ type: 'greet', data: { name: 'Ann' } }))

    expect(task).toMatchObject({
      state: 'completed',
      result: { greeted: 'Ann' },
      timeoutMs: 30_000,
      maxRetries: 2,
    })
    expect(log).toBe('hello Ann\n')
  })

  test.each([
    ['nobody', 'there is nobody'],
    ['crash', 'its handler was ended by SIGKILL without an answer'],
  ])('that goes wrong (%s) says how', async (name, reason) => {
    const { task } = await world.ended(await world.create({ type: 'moody', data: { name } }))

    expect(task).toMatchObject({ state: 'failed', reason })
  })

  test('may use its channel for messages of its own: they are no answer, and end no worker', async () => {
    const { task } = await world.ended(await world.create({ type: 'moody', data: { name: 'talker' } }))

    expect(task).toMatchObject({ state: 'completed', result: { greeted: 'talker' } })
  })

  test('says what is wrong with its data', async () => {
    const { task } = await world.ended(
      await world.create({ type: 'moody', data: { name: 7 }, maxRetries: 3 }),
    )

    expect(task).toMatchObject({ state: 'failed', runs: 1, reason: expect.stringContaining('name:') })
  })

  test('can be registered from code', async () => {
    const { task } = await world.ended(await world.create({ type: 'double', data: { n: 21 } }))

    expect(task).toMatchObject({ state: 'completed', result: { twice: 42 } })
  })

  test('that throws, leaves or exports nothing at its import is said, and holds up nobody', async () => {
    const { listWorkers } = await import('../app/db/worker.ts')

    const [worker] = await listWorkers(world.tools.database.kysely, Date.now())

    expect(worker!.types).toEqual(expect.arrayContaining(['greet', 'double', 'shell']))
    expect(worker!.problems).toEqual([
      expect.stringContaining('broken.mjs is not served: no such thing'),
      expect.stringContaining('empty.mjs is not served: it exports no handler'),
      expect.stringContaining('leaves.mjs is not served: it ended with exit code 3'),
    ])
  })
})

describe('built in are', () => {
  test('Python programs and scripts', async () => {
    writeFileSync(own('work/hello.py'), 'import sys; print("script", sys.argv[1:])')

    const code = await world.create({ type: 'python', data: { code: 'print(6 * 7)' } })
    const script = await world.create({
      type: 'python',
      data: { script: 'hello.py', args: ['a b'] },
      dir: own('work'),
    })

    expect((await world.ended(code)).log).toBe('42\n')
    expect((await world.ended(script)).log).toBe("script ['a b']\n")
  })

  test('git: clone, commit, push, pull', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: world.dataDir, encoding: 'utf8' })
    git('init', '-q', '--bare', '-b', 'main', 'origin.git')
    const dir = own('clone')
    const run = async (data: object, at?: string) =>
      world.ended(await world.create({ type: 'git', data: { ...data }, maxRetries: 0, dir: at ?? dir }))

    const cloned = await run({ operation: 'clone', url: own('origin.git'), path: 'clone' }, world.dataDir)
    git('-C', 'clone', 'config', 'user.email', 'a@b.c')
    git('-C', 'clone', 'config', 'user.name', 'Ann')
    writeFileSync(join(dir, '--all'), 'a file with a strange name')
    const committed = await run({
      operation: 'commit',
      message: '-m is "no" option $(touch x)',
      paths: ['--all'],
    })
    const pushed = await run({ operation: 'push', branch: 'main' })
    const pulled = await run({ operation: 'pull' })

    expect([cloned, committed, pushed, pulled].map(({ task }) => task.reason)).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(git('-C', 'origin.git', 'log', '--format=%s', 'main')).toBe('-m is "no" option $(touch x)\n')
    expect(pulled.task.result).toMatchObject({ branch: 'main' })
  })

  test("a project's tests and build, by its files", async () => {
    const scripts = { test: 'echo tested', build: 'echo built' }
    writeFileSync(own('work/package.json'), JSON.stringify({ name: 'x', scripts }))

    const ends = await Promise.all(
      ['test', 'build'].map(async (type) => world.ended(await world.create({ type, dir: own('work') }))),
    )
    const none = await world.ended(await world.create({ type: 'test', dir: own('handlers') }))

    expect(ends.map(({ log }) => log.match(/^(tested|built)$/m)?.[0])).toEqual(['tested', 'built'])
    expect(none.task).toMatchObject({ state: 'failed', reason: expect.stringContaining('how to test it') })
  })

  test('a deployment script, argument by argument', async () => {
    writeFileSync(own('work/deploy.sh'), '#!/bin/sh\nfor each; do echo "[$each]"; done', { mode: 0o755 })

    const data = { script: './deploy.sh', args: ['a b', '$(id)', ';ls'] }
    const { log } = await world.ended(await world.create({ type: 'deploy', data, dir: own('work') }))

    expect(log).toBe('[a b]\n[$(id)]\n[;ls]\n')
  })
})

test('a worker that is told to end gives back what it has', async () => {
  const other = await startTaskWorld()
  const id = await other.create({ type: 'shell', data: { command: 'sleep 304' } })
  await waitFor(async () => (await getTask(other.tools.database.kysely, id)).state === 'running', 'the run')

  await other.stop()

  const task = await getTask(other.tools.database.kysely, id)
  const [run] = await runsOf(other.tools.database.kysely, id)
  await other[Symbol.asyncDispose]()
  expect(task).toMatchObject({ state: 'pending', retryCount: 0, reason: 'its worker was stopped' })
  expect(run).toMatchObject({ outcome: 'released' })
  expect(await sleepers('304')).toEqual([])
})

test('nothing is killed by a mark that nobody has', () => {
  expect(killMarked('0-0:0')).toBe(0)
})

/** Processes `sleep SECONDS`, the test's own by their number of seconds. */
function sleepers(seconds: string): Promise<string[]> {
  const lines = execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' }).split('\n')
  return Promise.resolve(
    lines.filter((line) => new RegExp(`^\\s*\\d+\\s+[^Z]\\S*\\s+sleep ${seconds}$`).test(line)),
  )
}
