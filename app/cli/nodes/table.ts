import type { EpochMs } from '../../core/clock.ts'
import { fullestDisk, percentOf } from '../../core/metric-figures.ts'
import type { NodeAlert } from '../../core/node-alert.ts'
import { nodeGlyph, type NodeKey } from '../../core/node.ts'
import type { NodeNow } from '../../nodes/now.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge } from '../output/time.ts'

export function showNodes(output: Output, nodes: readonly NodeNow[], now: EpochMs) {
  if (nodes.length === 0) return output.line('There are no nodes. Invite one: ./deploy.sh nodes invite')
  output.table([...nodes], columnsFor(now))
}

function columnsFor(now: EpochMs): Column<NodeNow>[] {
  return [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'STATE', value: ({ state }) => `${nodeGlyph[state]} ${state}` },
    { title: 'NODE', value: ({ name }) => name },
    { title: 'CPU', align: 'right', value: ({ cpuPercent }) => percent(cpuPercent) },
    { title: 'SESSIONS', align: 'right', value: ({ sessions }) => String(sessions) },
    { title: 'SINCE', align: 'right', value: ({ since }) => renderAge(since, now) },
    { title: 'AGENT', value: ({ kind, agentVersion }) => (kind === 'agent' ? (agentVersion ?? '') : kind) },
    { title: 'TAGS', value: ({ tags }) => tags.join(', ') },
    { title: 'NOTE', flexible: true, value: (node) => noteOn(node, now) },
  ]
}

export function showNode(
  output: Output,
  { node, keys, alerts }: { node: NodeNow; keys: readonly NodeKey[]; alerts: readonly NodeAlert[] },
  now: EpochMs,
) {
  const { facts, latest } = node
  const rows: [string, string | null][] = [
    [
      'Node',
      `${node.name} (${node.id}), ${nodeGlyph[node.state]} ${node.state} for ${renderAge(node.since, now)}`,
    ],
    ['Note', noteOn(node, now) || null],
    [
      'Machine',
      [facts.model, facts.cpu, facts.cpus && `${facts.cpus} processors`].filter(Boolean).join(', ') || null,
    ],
    ['System', [facts.os, facts.kernel, facts.arch].filter(Boolean).join(', ') || null],
    ['Addresses', facts.addresses.join(', ') || null],
    ['Agent', node.agentVersion && `version ${node.agentVersion}`],
    [
      'Clock',
      node.clockOffsetMs === null
        ? null
        : `${(node.clockOffsetMs / 1000).toFixed(1)} s ahead of the dashboard's`,
    ],
    ['Tags', node.tags.join(', ') || null],
    ['Sessions', String(node.sessions)],
    ['Processor', latest ? percent(latest.sample.cpu) : percent(node.cpuPercent)],
    ['Memory', latest ? percent(percentOf(latest.sample.mem)) : null],
    ['Disk', latest ? diskInWords(latest.sample) : null],
    ['Heat', latest?.sample.temp ? `${latest.sample.temp} °C` : null],
    ...keys
      .filter(({ endedAt }) => endedAt === null)
      .map((key): [string, string] => ['Key', `${key.hint}… of ${renderAge(key.createdAt, now)} ago`]),
  ]
  for (const [name, value] of rows) if (value) output.line(`${name.padEnd(10)} ${value}`)
  for (const { state, says } of alerts) if (state === 'open') output.line(output.palette.yellow(`▲ ${says}`))
}

function noteOn({ reason, pressure, maintenanceUntil, rotateKey }: NodeNow, now: EpochMs): string {
  const isMaintained = maintenanceUntil !== null && maintenanceUntil > now
  const notes = [
    reason ?? '',
    isMaintained ? `maintenance for ${renderAge(now - (maintenanceUntil - now), now)}` : '',
    pressure === null ? '' : `gets nothing new: ${pressure}`,
    rotateKey ? 'gets another key' : '',
  ]
  return notes.filter(Boolean).join('; ')
}

function diskInWords(sample: NonNullable<NodeNow['latest']>['sample']): string | null {
  const disk = fullestDisk(sample)
  return disk && `${disk.mount} ${percent(disk.percent)}`
}

function percent(value: number | null): string {
  return value === null ? '' : `${Math.round(value)} %`
}
