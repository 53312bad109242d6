import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { giveSessionToken } from '../accounts/session-token.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'

describe('an agent with the token of its session', () => {
  test('finds few tools', async () => {
    await using dashboard = await startDashboard()
    await using agent = await connect(dashboard, 'dev')

    const { tools } = await agent.client.listTools()

    expect(tools.map(({ name }) => name)).toEqual(['list_sessions', 'get_result'])
    expect(JSON.stringify(tools).length).toBeLessThan(8_000)
  })

  test('reads a refusal as an answer', async () => {
    await using dashboard = await startDashboard()
    await using agent = await connect(dashboard, 'dev')

    const answer = await agent.client.callTool({ name: 'get_result', arguments: { prompt: 7 } })

    expect(answer).toMatchObject({ isError: true, content: [{ text: 'There is no prompt 7.' }] })
  })
})

async function connect({ web, url }: TestDashboard, name: string) {
  const token = await giveSessionToken(web.database, { node: web.host.node, name }, web.clock.now())
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    }),
  )
  return { client, [Symbol.asyncDispose]: () => client.close() }
}
