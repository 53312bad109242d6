import { z } from 'zod'
import { alertKinds } from '../../core/node-alert.ts'
import { fullestDisk, percentOf, type FigureName } from '../../core/metric-figures.ts'
import { piBits, type MetricSample } from '../../core/metric-sample.ts'
import { nodeGlyph, nodeStates, type Node } from '../../core/node.ts'
import { listAlerts } from '../../db/node/alerts.ts'
import { listNodeKeys } from '../../db/node/keys.ts'
import { countNodes, countNodeStates, getNodeByWord, listNodes } from '../../db/node/read.ts'
import { listSessions } from '../../db/sessions.ts'
import { getAlertRules } from '../../db/settings.ts'
import { nodesNow, type NodeNow } from '../../nodes/now.ts'
import { includesRole } from '../../core/account.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { nodeParams, spans } from '../routes/nodes/words.ts'
import { sessionPath } from '../session-path.ts'
import { sparklineOf } from '../sparkline.ts'
import type { Web } from '../web.ts'

const pageSize = 24
const hourMs = 3_600_000

/** Machines as cards: how each is doing, and what is wrong. */
export const nodesPage: Page = definePage({
  path: '/nodes',
  name: 'nodes',
  area: 'nodes',
  topics: ['nodes'],
  query: z.object({
    state: z.enum(nodeStates).optional().catch(undefined),
    q: z.string().trim().max(200).catch(''),
    page: pageNumber,
  }),
  async load({ web, query, caller }) {
    const { state, q, page } = query
    const db = web.database.kysely
    const filter = { ...(state && { states: [state] }), ...(q !== '' && { text: q }) }
    const [total, counts, alerts] = await Promise.all([
      countNodes(db, filter),
      countNodeStates(db),
      listAlerts(db, { open: true, limit: 100 }),
    ])
    const nodes = await listNodes(db, filter, { limit: pageSize, offset: (page - 1) * pageSize })
    const cards = await Promise.all(
      (await nodesNow(db, web.nodes.watch, nodes)).map((node) => cardOf(web, node)),
    )
    const link = addressWith('/nodes', { state: state ?? '', q })
    const names = new Map(web.nodes.watch.nodes().map(({ id, name }) => [id, name]))
    return {
      title: 'Nodes',
      cards,
      alerts: alerts.map((alert) => ({ ...alert, node: names.get(alert.nodeId) ?? String(alert.nodeId) })),
      q,
      state,
      total: Object.values(counts).reduce((sum, count) => sum + count, 0),
      states: nodeStates
        .filter((each) => counts[each])
        .map((each) => ({
          state: each,
          count: counts[each],
          glyph: nodeGlyph[each],
          isCurrent: each === state,
          href: link({ state: each === state ? '' : each }),
        })),
      pages: pagesAround(page, total > page * pageSize, link),
      isFiltered: state !== undefined || q !== '',
      isAdmin: caller !== null && includesRole(caller.role, 'admin'),
      rules: await getAlertRules(db),
      alertKinds,
    }
  },
})

/** One machine: its charts, sessions, alerts, and what may be done with it. */
export const nodePage: Page = definePage({
  path: '/nodes/:id',
  name: 'node',
  area: 'nodes',
  topics: ['nodes', 'sessions'],
  params: nodeParams,
  query: z.object({ span: z.enum(['1h', '24h', '7d', '90d']).catch('1h') }),
  async load({ web, params, query, caller }) {
    const db = web.database.kysely
    const [node] = await nodesNow(db, web.nodes.watch, [await getNodeByWord(db, params.id)])
    const { id, name } = node!
    const isAdmin = caller !== null && includesRole(caller.role, 'admin')
    const sessions = await listSessions(db, { node: name })
    return {
      title: name,
      node,
      glyph: nodeGlyph[node!.state],
      shown: figuresInWords(node!),
      notes: notesOn(node!, web.clock.now()),
      span: query.span,
      spans: Object.keys(spans),
      charts,
      sessions: sessions.map((session) => ({
        ...session,
        path: sessionPath(session),
        usage: usageOf(node!.latest?.sample ?? null, `${session.server}/${session.paneId}`),
      })),
      disks: (node!.latest?.sample.disks ?? []).map(([mount, used, all]) => ({
        mount,
        used,
        all,
        percent: percentOf([used, all]),
      })),
      alerts: await listAlerts(db, { nodeId: id, limit: 20 }),
      keys: isAdmin ? await listNodeKeys(db, id) : [],
      isAdmin,
    }
  },
})

export const nodeSettingsPage: Page = definePage({
  path: '/nodes/:id/settings',
  name: 'node-settings',
  area: 'nodes',
  access: { role: 'operator', scope: 'sessions' },
  params: nodeParams,
  load: async ({ web, params }) => {
    const node = await getNodeByWord(web.database.kysely, params.id)
    return { title: `Settings of ${node.name}`, node }
  },
})

export const invitePage: Page = definePage({
  path: '/nodes/invite',
  name: 'node-invite',
  area: 'nodes',
  access: { role: 'admin', scope: 'admin' },
  query: z.object({ name: z.string().max(63).catch('') }),
  load: ({ query }) => Promise.resolve({ title: 'Invite a machine', name: query.name }),
})

export const newNodePage: Page = definePage({
  path: '/nodes/new',
  name: 'node-new',
  area: 'nodes',
  access: { role: 'admin', scope: 'admin' },
  load: () => Promise.resolve({ title: 'Add a machine without an agent' }),
})

/** What the page draws, in this order; each is a chart of one or two figures. */
const charts: { title: string; unit: string; figures: { name: FigureName; words: string }[] }[] = [
  { title: 'Processor', unit: '%', figures: [{ name: 'cpu', words: 'all processors' }] },
  {
    title: 'Memory',
    unit: '%',
    figures: [
      { name: 'memory', words: 'memory' },
      { name: 'swap', words: 'swap' },
    ],
  },
  { title: 'Temperature', unit: '°C', figures: [{ name: 'temperature', words: 'processor' }] },
  { title: 'Load', unit: '', figures: [{ name: 'load', words: 'over one minute' }] },
  { title: 'Disk', unit: '%', figures: [{ name: 'disk', words: 'the fullest' }] },
  {
    title: 'Network',
    unit: 'B/s',
    figures: [
      { name: 'received', words: 'in' },
      { name: 'sent', words: 'out' },
    ],
  },
  {
    title: 'Agent sessions',
    unit: '% of a core',
    figures: [
      { name: 'sessions_cpu', words: 'sessions' },
      { name: 'tmux_cpu', words: 'tmux' },
    ],
  },
  {
    title: 'Memory of sessions',
    unit: 'B',
    figures: [
      { name: 'sessions_bytes', words: 'sessions' },
      { name: 'agent_bytes', words: 'what measures' },
    ],
  },
]

/** A little more than an hour, so that minutes are drawn and not every ten seconds. */
const sparkSpanMs = 61 * 60_000

async function cardOf(web: Web, node: NodeNow) {
  const now = web.clock.now()
  const { stepMs, times, figures } = await web.nodes.metrics.series(node.id, now - sparkSpanMs, now, [
    'cpu',
    'memory',
  ])
  const frame = { from: now - hourMs, until: now, stepMs, highest: 100 }
  return {
    ...node,
    glyph: nodeGlyph[node.state],
    shown: figuresInWords(node),
    notes: notesOn(node, now),
    cpuLine: sparklineOf(figures.cpu!.mean, times, frame),
    memoryLine: sparklineOf(figures.memory!.mean, times, frame),
  }
}

/** `null` where nothing is known, or no more: what was true an hour ago is no figure of now. */
function figuresInWords({ latest, state }: NodeNow) {
  const sample = state === 'online' ? (latest?.sample ?? null) : null
  const disk = sample && fullestDisk(sample)
  const percent = (value: number | null) => (value === null ? null : `${Math.round(value)} %`)
  return {
    cpu: percent(sample?.cpu ?? null),
    memory: percent(sample ? percentOf(sample.mem) : null),
    disk: percent(disk?.percent ?? null),
    temperature: sample?.temp === null || sample?.temp === undefined ? null : `${Math.round(sample.temp)} °C`,
    load: sample?.load ? sample.load[0].toFixed(2) : null,
    uptime: sample?.up ?? null,
  }
}

/** What a person should know about it, in sentences. */
function notesOn(node: Node & Pick<NodeNow, 'latest'>, now: number): string[] {
  const { pressure, maintenanceUntil, reason, rotateKey, latest, clockOffsetMs } = node
  const notes = [
    maintenanceUntil !== null && maintenanceUntil > now ? 'in maintenance' : '',
    reason ?? '',
    pressure === null ? '' : `gets nothing new: ${pressure}`,
    rotateKey ? 'gets another key' : '',
    ...piNotes(latest?.sample ?? null),
    Math.abs(clockOffsetMs ?? 0) < 60_000 ? '' : 'its clock is wrong',
  ]
  return notes.filter(Boolean)
}

function piNotes(sample: MetricSample | null): string[] {
  const bits = sample?.pi ?? 0
  return [
    bits & piBits.underVoltage ? 'its power supply is too weak' : '',
    bits & piBits.throttled ? 'it is slowed down' : '',
    bits & piBits.softTemperatureLimit ? 'it is too hot to run at full speed' : '',
  ]
}

function usageOf(sample: MetricSample | null, key: string) {
  const found = sample?.sessions.find(([name]) => name === key)
  return found ? { cpu: found[1], bytes: found[2] } : null
}
