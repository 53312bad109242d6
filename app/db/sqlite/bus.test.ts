import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { databases } from '../../testing/databases.ts'
import { heartbeat, registerProcess } from '../processes.ts'
import { submitPrompt } from '../prompts.ts'

const sqlite = databases.find(({ name }) => name === 'sqlite')!

/** Longer than a listener waits for the slow look behind the kernel's reports. */
const longEnoughMs = 600

test('a write without an event wakes other processes, and nobody in its own', async () => {
  await using store = await sqlite.open()
  const another = await store.openAgain()
  await store.database.write((db) => registerProcess(db, process1))
  let own = 0
  let others = 0
  store.database.bus.subscribe(() => (own += 1))
  another.bus.subscribe(() => (others += 1))

  await store.database.write((db) => heartbeat(db, process1.id, 2))
  await sleep(longEnoughMs)

  expect({ own, others }).toEqual({ own: 0, others: 1 })
})

test("another's write is not lost behind an own one without an event", async () => {
  await using store = await sqlite.open()
  const another = await store.openAgain()
  await store.database.write((db) => registerProcess(db, process1))
  let own = 0
  store.database.bus.subscribe(() => (own += 1))

  await another.write((db) => submitPrompt(db, { content: 'x' }, 1))
  await store.database.write((db) => heartbeat(db, process1.id, 2))
  await sleep(longEnoughMs)

  expect(own).toBe(1)
})

const process1 = {
  id: 'node-1-ab',
  kind: 'assigner',
  pid: 1,
  host: 'here',
  version: '0.0.0',
  address: null,
  startedAt: 1,
}
