import { expect, test } from 'vitest'
import { giveSessionToken } from '../../accounts/session-token.ts'
import { startDashboard } from '../dashboard.ts'
import { builtProgram } from '../product.ts'
import { startRealBroker } from './real-broker.ts'
import { mcpDirective } from './stub-model/directives.ts'

const toolsAllowed = ['--allowedTools', 'mcp__architect']

test('a real Claude Code calls a tool over HTTP and reads its answer', async () => {
  await using dashboard = await startDashboard()
  const { web, url } = dashboard
  const token = await giveSessionToken(web.database, { node: web.host.node, name: 'claude' }, web.clock.now())
  const headers = { Authorization: `Bearer ${token}` }
  const config = { mcpServers: { architect: { type: 'http', url: `${url}/mcp`, headers } } }
  const args = ['--mcp-config', `'${JSON.stringify(config)}'`, ...toolsAllowed]
  await using real = await startRealBroker('claude', { args })

  const id = await real.send(`Who is there? ${mcpDirective('list_sessions', {})}`)
  const { prompt } = await real.settled(id)

  expect(prompt.state).toBe('completed')
  expect(real.stub.heard.map(({ ask }) => ask?.results)).toContain(1)
  expect(await real.agent.pane.text()).toMatch(/list_sessions/)
})

test('a real Claude Code calls a tool of the program that it starts beside itself', async () => {
  await using real = await startRealBroker('claude', {
    args: toolsAllowed,
    argsFor: (env) => {
      const [command, ...args] = [process.execPath, builtProgram('app/cli'), 'mcp', 'serve']
      const config = { mcpServers: { architect: { type: 'stdio', command, args, env } } }
      return ['--mcp-config', `'${JSON.stringify(config)}'`]
    },
  })

  const id = await real.send(`Note it. ${mcpDirective('report', { text: 'half of it is done' })}`)
  const { prompt } = await real.settled(id)

  const notes = await real.database.kysely
    .selectFrom('events')
    .select('noun_id')
    .where('noun', '=', 'prompt')
    .where('type', '=', 'report')
    .execute()
  expect(prompt.state).toBe('completed')
  expect(notes).toMatchObject([{ noun_id: String(id) }])
})
