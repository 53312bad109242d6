import { figureNames, figuresOf, fullestDisk, type FigureName } from '../core/metric-figures.ts'
import type { AlertKind, AlertRules } from '../core/node-alert.ts'
import type { Node } from '../core/node.ts'
import { stoppedReason, type Latest } from './watch.ts'

/** How one thing stands with one node; `between` and what is unknown change nothing. */
export interface Condition {
  standing: 'bad' | 'between' | 'good'
  /** A sentence for when it is bad. */
  says: string
  /** It has to be bad, and good, for so long before that counts. */
  badForMs: number
  goodForMs: number
}

export interface Observed {
  node: Node
  /** null: nothing recent is known. */
  latest: Latest | null
  /** Of this dashboard; node agents shall be of the same one. */
  version: string
}

const minuteMs = 60_000

/** What can be wrong with a machine. null: it can't be said now. */
export const conditions: Record<AlertKind, (observed: Observed, rules: AlertRules) => Condition | null> = {
  offline({ node: { name, state, reason } }, { offlineMinutes }) {
    if (state !== 'offline' && state !== 'online') return null
    const isBad = state === 'offline' && reason !== stoppedReason
    const says = `${name} is offline: ${reason ?? 'nothing is heard of it'}`
    return { standing: isBad ? 'bad' : 'good', says, badForMs: offlineMinutes * minuteMs, goodForMs: 0 }
  },
  disk({ node, latest }, { diskPercent, forMinutes }) {
    const disk = latest && fullestDisk(latest.sample)
    if (!disk) return null
    const says = `${disk.mount} of ${node.name} is ${Math.round(disk.percent)} % full`
    return graded(disk.percent, diskPercent, 3, forMinutes, says)
  },
  memory({ node, latest }, { memoryPercent, forMinutes }) {
    const percent = latest && figure(latest, 'memory')
    if (percent === null) return null
    const says = `${node.name} uses ${Math.round(percent)} % of its memory`
    return graded(percent, memoryPercent, 5, forMinutes, says)
  },
  temperature({ node, latest }, { celsius, forMinutes }) {
    const value = latest && latest.sample.temp
    if (value === null) return null
    return graded(value, celsius, 5, forMinutes, `${node.name} is ${Math.round(value)} °C hot`)
  },
  power({ node, latest }) {
    const low = latest && figure(latest, 'under_voltage')
    if (low === null) return null
    const says = `the power supply of ${node.name} is too weak: its voltage is low`
    // It comes and goes with the load: one supply is one alert.
    return { standing: low > 0 ? 'bad' : 'good', says, badForMs: 30_000, goodForMs: 30 * minuteMs }
  },
  version({ node, version }) {
    const { name, kind, state, agentVersion } = node
    if (kind !== 'agent' || state !== 'online' || agentVersion === null) return null
    const says = `the node agent of ${name} is version ${agentVersion}, this dashboard ${version}: upgrade the older one`
    const standing = agentVersion === version ? 'good' : 'bad'
    return { standing, says, badForMs: 10 * minuteMs, goodForMs: 0 }
  },
}

function graded(value: number, limit: number, margin: number, forMinutes: number, says: string): Condition {
  const standing = value >= limit ? 'bad' : value < limit - margin ? 'good' : 'between'
  return { standing, says, badForMs: forMinutes * minuteMs, goodForMs: minuteMs }
}

function figure({ sample }: Latest, name: FigureName): number | null {
  return figuresOf(sample)[figureNames.indexOf(name)] ?? null
}
