import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimNextTask } from '../../db/task/claim.ts'
import { appendTaskLog } from '../../db/task/logs.ts'
import { completeRun, failRun } from '../../db/task/run.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { tasksDesks } from './desk.ts'
import { followLog } from './follow.ts'

let dashboard: TestDashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const worker = { id: 1, name: 'pi', node: 'pi', types: ['shell', 'git'] }
const write = <T>(work: Parameters<TestDashboard['web']['database']['write']>[0]) =>
  dashboard.web.database.write(work) as Promise<T>

async function claim() {
  const now = Date.now()
  type Claim = NonNullable<Awaited<ReturnType<typeof claimNextTask>>>
  return (await write<Claim>((db) => claimNextTask(db, worker, { owner: 'pi', until: now + 60_000 }, now)))
    .run
}
const scopes = ['read', 'tasks', 'secrets'] as const

describe.each(bothSides(tasksDesks, () => dashboard, scopes))('at $name', ({ name, open }) => {
  const shell = { type: 'shell', data: { command: 'true', env: { A_B: '1' } } }

  test('a task is handed in with all that may be said, shown and listed', async () => {
    const desk = await open()
    const wanted = {
      ...shell,
      name: `whole at ${name}`,
      node: 'nowhere',
      dir: '/tmp',
      secrets: ['TOKEN=github'],
      priority: 3,
      timeoutMs: 1_500,
      maxRetries: 2,
      idempotencyKey: name,
    }
    const notBefore = Date.now() + 60_000

    const { task, created } = await desk.add({ ...wanted, notBefore })
    const again = await desk.add(wanted)
    const shown = await desk.show(task.id)
    const listed = await desk.list({
      limit: 5,
      states: ['pending'],
      type: 'shell',
      node: 'nowhere',
      text: name,
    })

    expect(created).toBe(true)
    expect(task).toMatchObject({ ...wanted, hold: 'not_before', wakeAt: notBefore })
    expect(again).toEqual({ task, created: false })
    expect(shown).toEqual({ task, runs: [] })
    expect(listed).toEqual([task])
  })

  test('it is cancelled and sent again, and refused in the same words', async () => {
    const desk = await open()
    const { id } = (await desk.add({ ...shell, node: 'nowhere' })).task

    const cancelled = await desk.cancel(id)
    const again = await desk.retry(id)

    expect([cancelled.state, again.state]).toEqual(['cancelled', 'pending'])
    await expect(desk.retry(id)).rejects.toMatchObject({
      code: 'conflict',
      message: `Cannot retry task ${id}: it is pending.`,
    })
    await expect(desk.show(999_999)).rejects.toMatchObject({ code: 'not_found' })
    await expect(desk.add({ type: 'shell', data: {} })).rejects.toMatchObject({ code: 'invalid' })
    await expect(desk.log(id, { run: 3, from: 0 })).rejects.toMatchObject({
      code: 'not_found',
      message: `Task ${id} has no run 3.`,
    })
  })

  test('its log is followed over runs to its end, with what is not kept', async () => {
    const desk = await open()
    const { id } = (await desk.add({ ...shell, maxRetries: 1, retryDelayMs: 0 })).task
    const first = await claim()
    await write((db) => appendTaskLog(db, first, [{ at: 0, bytes: 4, text: 'one\n' }]))
    let seen = ''

    const following = followLog(desk, id, (text) => (seen += text), new AbortController().signal)
    await waitFor(() => Promise.resolve(seen !== ''), 'the first part')
    await write((db) => appendTaskLog(db, first, [{ at: 1_004, bytes: 4, text: 'two\n' }]))
    await write((db) => failRun(db, first, 'failed', { reason: 'exit code 1' }, Date.now()))
    const second = await claim()
    await write((db) => appendTaskLog(db, second, [{ at: 0, bytes: 6, text: 'three\n' }]))
    await write((db) => completeRun(db, second, { exitCode: 0, result: { someKey: 1 } }, Date.now()))
    const task = await following

    expect(task).toMatchObject({ state: 'completed', runs: 2, result: { someKey: 1 } })
    expect(seen).toBe('one\n[… 1000 bytes are not kept …]\ntwo\nthree\n')
  })
})
