import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Dashboard } from '../app/cli/remote/dashboard.ts'
import { systemClock, type Clock } from '../app/core/clock.ts'
import { AppError } from '../app/core/errors.ts'
import type { Task } from '../app/core/task.ts'
import { getTask, runsOf } from '../app/db/task/read.ts'
import { listWorkers } from '../app/db/worker.ts'
import { startDashboard, type Client, type TestDashboard } from '../app/testing/dashboard.ts'
import { builtProgram } from '../app/testing/product.ts'
import { waitFor } from '../app/testing/wait-for.ts'
import type { TaskDesk } from './task-worker/desk.ts'
import { allHandlers } from './task-worker/handlers.ts'
import { remoteDesk } from './task-worker/remote-desk.ts'
import { TaskWorker } from './task-worker/worker.ts'

let dashboard: TestDashboard
let person: Client
let folder: string
const children: ChildProcess[] = []

beforeAll(async () => {
  dashboard = await startDashboard()
  folder = mkdtempSync(join(tmpdir(), 'architect-remote-worker-'))
  person = await dashboard.token()
  await person.send('POST', '/api/secrets', { name: 'DEPLOY_KEY', value: 'p1anted-deploy-key-0123' })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await dashboard[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

const database = () => dashboard.web.database
const file = (name: string) => join(folder, name)
const workersToken = async () => (await dashboard.token(['work'], 'operator')).token

async function create(node: string, command: string, more: object = {}): Promise<number> {
  const body = { type: 'shell', node, data: { command }, ...more }
  const answer = await person.send<{ id: number }>('POST', '/api/tasks', body)
  expect(answer.status).toBe(201)
  return answer.body.id
}

const logOf = async (id: number) => (await person.get<{ text: string }>(`/api/tasks/${id}/logs`)).body.text
const said = (id: number, words: string) =>
  waitFor(async () => (await logOf(id)).includes(words), `"${words}" in the log of task ${id}`)
const ended = (id: number): Promise<Task> =>
  waitFor(async () => {
    const task = await getTask(database().kysely, id)
    return task.endedAt !== null && task
  }, `the end of task ${id}`)

/** How many processes `sleep SECONDS` there are. */
function sleepers(seconds: number): number {
  const lines = execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => new RegExp(`^[^Z]\\S*\\s+sleep ${seconds}$`).test(line)).length
}

/** A command that goes on until the test makes the file. */
const until = (name: string) => `while [ ! -e ${file(name)} ]; do sleep 0.05; done`

describe('a process on another machine', () => {
  let first: ChildProcess
  let made: { id: number; token: string }

  /** As a user starts it there: with the address, a token, and nothing of the dashboard's own. */
  function start(name: string): ChildProcess {
    const dataDir = file(`data-${children.length}`)
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      ARCHITECT_DATA: dataDir,
      ARCHITECT_URL: dashboard.url,
      ARCHITECT_TOKEN: made.token,
      ARCHITECT_NODE: 'far',
      ARCHITECT_TASK_WORKER: name,
      ARCHITECT_TASK_CONCURRENCY: '2',
    }
    const child = spawn(process.execPath, [builtProgram('workers/task-worker')], { env, stdio: 'ignore' })
    children.push(child)
    return child
  }
  const registered = (count: number) =>
    waitFor(async () => {
      const workers = await listWorkers(database().kysely, Date.now())
      return workers.filter(({ node }) => node === 'far').length === count
    }, `${count} workers`)

  beforeAll(async () => {
    const body = { name: 'far', scopes: ['work'] }
    made = (await person.send<typeof made>('POST', '/api/tokens', body)).body
    first = start('pi')
    await registered(1)
  })

  test('does a task: its log is live, its secrets are there and masked, its end is kept', async () => {
    const command = `echo begins; echo "$DEPLOY_KEY"; env; ${until('one')}; exit 3`
    const id = await create('far', command, { secrets: ['DEPLOY_KEY'] })

    await said(id, 'begins')
    const meanwhile = await getTask(database().kysely, id)
    writeFileSync(file('one'), '')
    const task = await ended(id)
    const [run] = await runsOf(database().kysely, id)
    const log = await logOf(id)

    expect(meanwhile).toMatchObject({ state: 'running', worker: 'pi' })
    expect(task).toMatchObject({ state: 'failed', reason: 'the command ended with exit code 3', runs: 1 })
    expect(run).toMatchObject({ exitCode: 3, node: 'far' })
    expect(log).toContain('[secret DEPLOY_KEY]')
    expect(log).not.toMatch(/p1anted|ARCHITECT_TOKEN|archtok/)
  })

  test('may have the name of another one: each does its own tasks, once', async () => {
    start('pi')
    await registered(2)
    const command = `echo begins; ${until('all')}`
    const ids = await Promise.all([1, 2, 3, 4].map(() => create('far', command)))

    await Promise.all(ids.map((id) => said(id, 'begins')))
    writeFileSync(file('all'), '')
    const tasks = await Promise.all(ids.map(ended))
    const workers = (await listWorkers(database().kysely, Date.now())).filter(({ node }) => node === 'far')

    expect(tasks.map(({ state, runs }) => [state, runs])).toEqual(ids.map(() => ['completed', 1]))
    expect(workers.map(({ name, completed }) => [name, completed])).toEqual([
      ['pi', 2],
      ['pi', 2],
    ])
  })

  test('that is killed leaves nothing behind, and touches nothing of one with its name', async () => {
    const command = `sleep 311 & setsid sleep 311 & (setsid sh -c 'sleep 311 & sleep 311' &) ; sleep 311`
    const ids = await Promise.all([1, 2, 3, 4].map(() => create('far', command)))
    await waitFor(async () => sleepers(311) === 20, 'all sleepers')

    first.kill('SIGKILL')
    await waitFor(async () => sleepers(311) <= 10, 'the end of half of them')
    await systemClock.sleep(300)
    const left = sleepers(311)
    for (const id of ids) await person.send('POST', `/api/tasks/${id}/cancel`, {})
    await waitFor(async () => sleepers(311) === 0, 'the end of the others')

    expect(left).toBe(10)
  })

  test('ends with its programs when its token is ended, and says why', async () => {
    const child = children[1]!
    const id = await create('far', 'echo begins; sleep 312')
    await said(id, 'begins')
    const gone = once(child, 'exit')

    await person.send('DELETE', `/api/tokens/${made.id}`)
    const [code] = await gone

    expect(code).toBe(1)
    expect(sleepers(312)).toBe(0)
    expect(readFileSync(join(file('data-1'), 'logs', 'task-worker-pi.log'), 'utf8')).toContain(
      'does not take ARCHITECT_TOKEN',
    )
  })
})

describe('a worker over HTTP', () => {
  /** In this process, so that a test can come between it and the dashboard. */
  async function work(
    node: string,
    change: (desk: TaskDesk) => Partial<TaskDesk> = () => ({}),
    url?: string,
  ) {
    const address = { url: url ?? dashboard.url, token: await workersToken(), saidBy: 'ARCHITECT_URL' }
    const real = { ...remoteDesk(new Dashboard(address)), lookEveryMs: 100 }
    const { handlers } = await allHandlers({ dataDir: folder, tmuxSocket: null })
    const ahead: Clock = { ...systemClock, now: () => Date.now() + 3_600_000 }
    const worker = new TaskWorker({
      desk: { ...real, ...change(real) },
      clock: ahead,
      log: { info() {}, warn() {} },
      progress() {},
      name: node,
      node,
      version: '',
      concurrency: 2,
      dataDir: folder,
      handlers,
      problems: [],
    })
    worker.registerHandler({
      type: 'test.huge',
      about: '',
      data: z.object({}),
      handle: () => Promise.resolve({ result: 'x'.repeat(5_000_000) }),
    })
    const stopping = new AbortController()
    const done = worker.run(stopping.signal)
    return {
      async [Symbol.asyncDispose]() {
        stopping.abort()
        await done
      },
    }
  }

  test('whose dashboard is away in the middle goes on, and tells all when it is back', async () => {
    await using gate = await openGate(Number(new URL(dashboard.url).port))
    await using _worker = await work('gate', undefined, gate.url)
    const command = `echo begins; ${until('two')}; seq 1 50000; echo the end; touch ${file('done')}`
    const id = await create('gate', command, { secrets: ['DEPLOY_KEY'] })
    await said(id, 'begins')

    gate.close()
    writeFileSync(file('two'), '')
    await waitFor(async () => existsSync(file('done')), 'the end of the command')
    await systemClock.sleep(1_000)
    const away = await getTask(database().kysely, id)
    gate.open()
    const task = await ended(id)

    expect(away.state).toBe('running')
    expect(task).toMatchObject({ state: 'completed', runs: 1 })
    expect(await logOf(id)).toMatch(/^begins\n1\n2\n[^]*50000\nthe end\n$/)
  })

  test('gives back a task whose claim it never heard of', async () => {
    let isLost = false
    const change = (desk: TaskDesk): Partial<TaskDesk> => ({
      async claim(id) {
        const claim = await desk.claim(id)
        if (!claim || isLost) return claim
        isLost = true
        throw new AppError('unavailable', 'The connection was cut.')
      },
    })
    await using _worker = await work('deaf', change)

    const task = await ended(await create('deaf', 'true'))

    expect(task).toMatchObject({ state: 'completed', runs: 2, retryCount: 0 })
  })

  test('waits for secrets while the dashboard is away', async () => {
    let tries = 0
    const change = (desk: TaskDesk): Partial<TaskDesk> => ({
      async secrets(run) {
        if ((tries += 1) === 1) throw new AppError('unavailable', 'Nobody answers.')
        return desk.secrets(run)
      },
    })
    await using _worker = await work('patient', change)

    const task = await ended(await create('patient', 'test -n "$DEPLOY_KEY"', { secrets: ['DEPLOY_KEY'] }))

    expect(task).toMatchObject({ state: 'completed', runs: 1 })
  })

  test('leaves out a result that is too large, and says so', async () => {
    await using _worker = await work('huge')
    await waitFor(async () => {
      const { items } = (await person.get<{ items: { type: string }[] }>('/api/tasks/types')).body
      return items.some(({ type }) => type === 'test.huge')
    }, 'its type')

    const task = await ended(await create('huge', '', { type: 'test.huge', data: {} }))

    expect(task).toMatchObject({
      state: 'completed',
      result: { left_out: expect.stringMatching(/^5000002 bytes/) },
    })
  })

  test('fails a run whose end is refused, instead of keeping it for ever', async () => {
    const change = (): Partial<TaskDesk> => ({
      complete: () => Promise.reject(new AppError('invalid', 'exit_code: is no number.')),
    })
    await using _worker = await work('strange', change)

    const task = await ended(await create('strange', 'true', { max_retries: 5 }))

    expect(task).toMatchObject({
      state: 'failed',
      runs: 1,
      reason: 'its end was not taken: exit_code: is no number.',
    })
  })
})

/** A way to the dashboard that a test cuts and mends. */
async function openGate(port: number) {
  let isOpen = true
  const sockets = new Set<Socket>()
  const server = createServer((here) => {
    if (!isOpen) {
      here.destroy()
      return
    }
    const there = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      // The other end is told by the same cut.
      one.on('error', () => other.destroy()).on('close', () => sockets.delete(one))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      isOpen = false
      cut()
    },
    open() {
      isOpen = true
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
