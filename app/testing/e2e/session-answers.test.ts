import { expect, test } from 'vitest'
import { listInteractions } from '../../db/interaction/read.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { startBroker, type TestBroker } from '../broker.ts'
import { openPipedTools } from '../piped-tools.ts'
import { waitFor } from '../wait-for.ts'

async function place({ database }: TestBroker, name: string, tier: 'manager' | 'worker', manager?: string) {
  const settings = { tier, ...(manager !== undefined && { manager }) }
  await database.write((db) => setSessionSettings(db, { node: 'test', name }, settings, Date.now()))
}

test('a manager finds by its tools what its worker asks, and answers it, over standard input and output', async () => {
  await using broker = await startBroker({ agents: { dev: {} } })
  await place(broker, 'lead', 'manager')
  await place(broker, 'dev', 'worker', 'lead')
  const client = await openPipedTools(broker, 'lead')
  const call = async (name: string, input: object = {}) => {
    const { content } = await client.callTool({ name, arguments: { ...input } })
    return (content as { text: string }[])[0]!.text
  }
  await broker.agent('dev').tell({ events: [{ on: 'now', do: 'dialog', kind: 'question' }] })

  const asks = await waitFor(async () => {
    const sessions = JSON.parse(await call('list_sessions')) as {
      name: string
      asks?: { interaction: number }
    }[]
    return sessions.find(({ name }) => name === 'dev')?.asks
  }, 'what the worker asks')
  const answered = await call('answer', { interaction: asks.interaction, option: 2 })
  const late = await call('answer', { interaction: asks.interaction, option: 1 })
  await client.close()

  expect(asks).toMatchObject({ kind: 'question', options: ['1 Red', '2 Green', '3 Something else'] })
  expect(answered).toBe('Answered.')
  expect(late).toMatch(/was answered by lead/)
  expect((await broker.agent('dev').log()).filter(({ type }) => type === 'chose')).toMatchObject([
    { option: 'Green' },
  ])
  expect(await listInteractions(broker.database.kysely, { limit: 9 })).toMatchObject([
    { state: 'answered', decidedBy: { kind: 'session', node: 'test', name: 'lead' } },
  ])
})
