import { expect, test } from 'vitest'
import { giveSessionToken } from '../../accounts/session-token.ts'
import { clientOf, startDashboard } from '../../testing/dashboard.ts'

const dayMs = 86_400_000
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

function metrics(points: { name: string; value: number; type?: string }[], at: number, temporality = 1) {
  const metric = ({ name, value, type }: (typeof points)[number]) => ({
    name,
    sum: {
      aggregationTemporality: temporality,
      isMonotonic: true,
      dataPoints: [
        {
          attributes: [attribute('model', 'opus'), ...(type === undefined ? [] : [attribute('type', type)])],
          timeUnixNano: `${at}000000`,
          asDouble: value,
        },
      ],
    },
  })
  return { resourceMetrics: [{ resource: {}, scopeMetrics: [{ metrics: points.map(metric) }] }] }
}

async function start() {
  const dashboard = await startDashboard()
  const { web, url } = dashboard
  const token = await giveSessionToken(web.database, { node: 'here', name: 'dev' }, web.clock.now())
  const agent = clientOf(url, { Authorization: `Bearer ${token}` })
  const viewer = await dashboard.signIn('viewer')
  const usage = async () => (await viewer.get<{ session_usage: unknown[] }>('/api/stats')).body.session_usage
  return { dashboard, agent, viewer, usage }
}

test('what an agent counts itself is added up by session, day and model', async () => {
  const { dashboard, agent, usage } = await start()
  await using _dashboard = dashboard
  const today = Date.now()
  const points = [
    { name: 'claude_code.token.usage', value: 100, type: 'input' },
    { name: 'claude_code.token.usage', value: 7, type: 'output' },
    { name: 'claude_code.token.usage', value: 30, type: 'cacheRead' },
    { name: 'claude_code.cost.usage', value: 0.25 },
    { name: 'claude_code.session.count', value: 1 },
  ]
  const record = (name: string) => ({
    attributes: [attribute('event.name', name), attribute('model', 'opus')],
  })
  const logRecords = [
    record('api_request'),
    record('api_request'),
    record('api_error'),
    record('user_prompt'),
  ]

  await agent.send('POST', '/v1/metrics', metrics(points, today))
  const second = await agent.send('POST', '/v1/metrics', metrics(points, today))
  await agent.send('POST', '/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

  expect(second).toMatchObject({ status: 200, body: {} })
  expect(await usage()).toEqual([
    {
      session: 'dev',
      node: 'here',
      day: today - (today % dayMs),
      model: 'opus',
      tokens_in: 200,
      tokens_out: 14,
      cache_read: 60,
      cache_write: 0,
      cost_usd: 0.5,
      requests: 2,
      errors: 1,
    },
  ])
})

test('sums since the start of a process are refused, for they would be added again and again', async () => {
  const { dashboard, agent, usage } = await start()
  await using _dashboard = dashboard
  const point = { name: 'claude_code.cost.usage', value: 1 }

  const answer = await agent.send('POST', '/v1/metrics', metrics([point], Date.now(), 2))

  expect(answer).toMatchObject({ status: 200, body: { partialSuccess: { rejectedDataPoints: 1 } } })
  expect(await usage()).toEqual([])
})

test.each([
  [
    'a negative sum',
    { resourceMetrics: metrics([{ name: 'claude_code.cost.usage', value: -1 }], 1e12).resourceMetrics },
    200,
  ],
  ['nothing at all', {}, 200],
  ['another shape', { resourceMetrics: 'all of them' }, 400],
])('%s adds nothing', async (_what, body, status) => {
  const { dashboard, agent, usage } = await start()
  await using _dashboard = dashboard

  const answer = await agent.send('POST', '/v1/metrics', body)

  expect(answer.status).toBe(status)
  expect(await usage()).toEqual([])
})

test('a person or a program has no usage to tell', async () => {
  const { dashboard, viewer } = await start()
  await using _dashboard = dashboard

  expect((await viewer.send('POST', '/v1/metrics', {})).status).toBe(403)
})
