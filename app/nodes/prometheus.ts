import type { Clock } from '../core/clock.ts'
import { figureNames, figuresOf, type FigureName } from '../core/metric-figures.ts'
import { nodeStates, type Node } from '../core/node.ts'
import { promptStates } from '../core/prompt.ts'
import { sessionStates } from '../core/session.ts'
import { promptCounts } from '../db/prompts.ts'
import { countSessions } from '../db/sessions.ts'
import { listAlerts } from '../db/node/alerts.ts'
import type { Database } from '../db/open.ts'
import { packageVersion } from '../version.ts'
import type { NodeTools } from './tools.ts'

/** One metric: its name, what it says, and its values by labels. */
interface Metric {
  name: string
  help: string
  type: 'gauge' | 'counter'
  values: { labels?: Record<string, string>; value: number }[]
}

export interface PrometheusTools {
  database: Database
  clock: Clock
  nodes: Pick<NodeTools, 'watch'>
  startedAt: number
}

/**
 * The dashboard's own state, the queue, sessions and every node's newest figures. Written by hand: the text is three
 * kinds of lines, and a registry of counters would keep a second copy of what the database knows.
 */
export async function prometheusText(tools: PrometheusTools): Promise<string> {
  const metrics = [...ofProcess(tools), ...(await ofQueue(tools.database)), ...(await ofNodes(tools))]
  return `${metrics.map(render).join('\n')}\n`
}

function ofProcess({ clock, startedAt }: PrometheusTools): Metric[] {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return [
    gauge('architect_info', 'The version of this dashboard.', [
      { labels: { version: packageVersion() }, value: 1 },
    ]),
    gauge('architect_uptime_seconds', 'Since this dashboard started.', [
      { value: Math.max(0, (clock.now() - startedAt) / 1000) },
    ]),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the dashboard.',
      type: 'counter',
      values: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory of the dashboard.', [{ value: rss }]),
    gauge('nodejs_heap_size_used_bytes', 'Heap of the dashboard.', [{ value: heapUsed }]),
  ]
}

async function ofQueue({ kysely: db }: Database): Promise<Metric[]> {
  const [prompts, sessions] = await Promise.all([promptCounts(db), countSessions(db)])
  return [
    gauge(
      'architect_prompts',
      'Prompts by state.',
      promptStates.map((state) => ({ labels: { state }, value: prompts[state] ?? 0 })),
    ),
    gauge(
      'architect_sessions',
      'Agent sessions by state.',
      sessionStates.map((state) => ({ labels: { state }, value: sessions[state] ?? 0 })),
    ),
  ]
}

async function ofNodes({ database, nodes: { watch } }: PrometheusTools): Promise<Metric[]> {
  const nodes = watch.nodes()
  const alerts = await listAlerts(database.kysely, { open: true })
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  const labelled = nodes.map((node) => ({ labels: { node: node.name }, node }))
  return [
    gauge(
      'architect_nodes',
      'Machines by state.',
      nodeStates.map((state) => ({
        labels: { state },
        value: nodes.filter((node) => node.state === state).length,
      })),
    ),
    gauge(
      'architect_node_up',
      'Whether a machine is online.',
      labelled.map(({ labels, node }) => ({ labels, value: node.state === 'online' ? 1 : 0 })),
    ),
    gauge(
      'architect_node_seen_timestamp_seconds',
      'When a machine was last heard, by the clock of the dashboard.',
      labelled.flatMap(({ labels, node }) =>
        node.seenAt === null ? [] : [{ labels, value: node.seenAt / 1000 }],
      ),
    ),
    gauge(
      'architect_node_alert',
      'What is wrong with machines now.',
      alerts.map(({ nodeId, kind }) => ({ labels: { node: names.get(nodeId) ?? '', kind }, value: 1 })),
    ),
    ...figureMetrics(nodes, watch),
  ]
}

function figureMetrics(nodes: readonly Node[], watch: NodeTools['watch']): Metric[] {
  const known = nodes.flatMap(({ id, name, state }) => {
    const latest = state === 'online' ? watch.latest(id) : null
    return latest ? [{ labels: { node: name }, figures: figuresOf(latest.sample) }] : []
  })
  return figureNames.map((figure, index) => ({
    name: `architect_node_${exported[figure].name}`,
    help: exported[figure].help,
    type: 'gauge',
    values: known.flatMap(({ labels, figures }) => {
      const value = figures[index] ?? null
      return value === null ? [] : [{ labels, value }]
    }),
  }))
}

/** Names end in their unit, as Prometheus wants it. */
const exported: Record<FigureName, { name: string; help: string }> = {
  cpu: { name: 'cpu_percent', help: 'Of all processors.' },
  load: { name: 'load1', help: 'Load average over one minute.' },
  memory: { name: 'memory_percent', help: 'Memory in use.' },
  swap: { name: 'swap_percent', help: 'Swap in use.' },
  disk: { name: 'disk_percent', help: 'Of the fullest file system.' },
  received: { name: 'network_receive_bytes_per_second', help: 'Received over the network.' },
  sent: { name: 'network_transmit_bytes_per_second', help: 'Sent over the network.' },
  temperature: { name: 'temperature_celsius', help: 'Of the processor.' },
  tmux_cpu: { name: 'tmux_cpu_percent', help: 'Of one core, by tmux servers.' },
  tmux_bytes: { name: 'tmux_resident_bytes', help: 'Memory of tmux servers.' },
  sessions_cpu: {
    name: 'sessions_cpu_percent',
    help: 'Of one core, by agent sessions and all that runs in them.',
  },
  sessions_bytes: {
    name: 'sessions_resident_bytes',
    help: 'Memory of agent sessions and all that runs in them.',
  },
  sessions: { name: 'sessions', help: 'Agent sessions.' },
  agent_cpu: { name: 'agent_cpu_percent', help: 'Of one core, by the process that measures.' },
  agent_bytes: { name: 'agent_resident_bytes', help: 'Memory of the process that measures.' },
  throttled: { name: 'throttled', help: 'Whether the firmware slows the processor down.' },
  under_voltage: { name: 'under_voltage', help: 'Whether the supply voltage is too low.' },
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name, help, type: 'gauge', values }
}

function render({ name, help, type, values }: Metric): string {
  const lines = values.map(({ labels, value }) => `${name}${renderLabels(labels)} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')
}

function renderLabels(labels: Record<string, string> = {}): string {
  const each = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return each.length > 0 ? `{${each.join(',')}}` : ''
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
