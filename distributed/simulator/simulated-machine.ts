import type { MetricSample } from '../../app/core/metric-sample.ts'
import { noFacts, type NodeFacts } from '../../app/core/node.ts'
import { between, oneOf } from './chance.ts'

const gigabyte = 1e9

/** What a sample tells of one session of the machine. */
export interface SimulatedSession {
  /** `server/%7`. */
  key: string
  busy: boolean
}

/** A computer that isn't there: its figures move as those of a small one do on which agents work. */
export class SimulatedMachine {
  readonly facts: NodeFacts
  readonly #cores: number
  readonly #memory: number
  readonly #startedAt: number
  #cpu = between(2, 10)
  #celsius = between(42, 52)
  #memoryPercent = between(25, 45)
  #diskPercent = between(20, 70)
  #load = 0.2

  constructor(name: string, index: number, now: number) {
    const model = models[index % models.length]!
    this.#cores = model.cpus
    this.#memory = model.memory
    this.#startedAt = now - between(1, 60) * 86_400_000
    this.facts = {
      ...noFacts,
      hostname: name,
      os: 'Simulated Linux',
      kernel: '6.12.25',
      arch: model.arch,
      model: `${model.name} (simulated)`,
      cpu: model.cpu,
      cpus: model.cpus,
      memoryBytes: model.memory,
      // Of the block that is reserved for documentation: nobody is reached there.
      addresses: [`198.51.100.${1 + (index % 254)}`],
      user: 'pi',
    }
  }

  sample(now: number, sessions: readonly SimulatedSession[]): MetricSample {
    const busy = sessions.filter((session) => session.busy).length
    this.#move(busy, sessions.length)
    const disk = 32 * gigabyte
    return {
      at: now,
      cpu: round(this.#cpu),
      load: [round(this.#load), round(this.#load * 0.9), round(this.#load * 0.8)],
      mem: [Math.round((this.#memory * this.#memoryPercent) / 100), this.#memory],
      swap: [0, gigabyte],
      disks: [['/', Math.round((disk * this.#diskPercent) / 100), disk]],
      net: [
        Math.round(between(500, 3_000) * (1 + 8 * busy)),
        Math.round(between(300, 1_500) * (1 + 5 * busy)),
      ],
      temp: round(this.#celsius),
      up: Math.round((now - this.#startedAt) / 1000),
      tmux: [round(between(0.1, 0.4)), 8e6],
      agent: [round(between(0.1, 0.3)), 55e6],
      sessions: sessions.map(({ key, busy: works }) => [
        key,
        round(works ? between(5, 40) : between(0.1, 0.8)),
        Math.round(between(2.2e8, 2.6e8)),
      ]),
      pi: 0,
    }
  }

  /** Each figure goes part of the way to where it belongs, and trembles. */
  #move(busy: number, sessions: number) {
    const share = sessions === 0 ? 0 : busy / sessions
    this.#cpu = within(towards(this.#cpu, 4 + share * 60, 0.4) + between(-2, 2), 0.5, 97)
    this.#load = within(towards(this.#load, (this.#cpu / 100) * this.#cores, 0.3), 0.01, 4 * this.#cores)
    this.#celsius = within(towards(this.#celsius, 42 + this.#cpu * 0.3, 0.1) + between(-0.4, 0.4), 35, 74)
    this.#memoryPercent = within(
      towards(this.#memoryPercent, 25 + 8 * busy, 0.2) + between(-0.5, 0.5),
      10,
      85,
    )
    this.#diskPercent = within(this.#diskPercent + between(-0.02, 0.021), 5, 80)
  }
}

function towards(from: number, to: number, part: number): number {
  return from + (to - from) * part
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

const pi4 = 'Raspberry Pi 4 Model B Rev 1.5'
const models = [
  { name: pi4, cpu: 'Cortex-A72', arch: 'arm64', cpus: 4, memory: 4 * gigabyte },
  { name: 'Raspberry Pi 5 Model B Rev 1.0', cpu: 'Cortex-A76', arch: 'arm64', cpus: 4, memory: 8 * gigabyte },
  { name: pi4, cpu: 'Cortex-A72', arch: 'arm64', cpus: 4, memory: 8 * gigabyte },
  { name: 'Mini PC', cpu: 'Intel N100', arch: 'x64', cpus: 4, memory: 16 * gigabyte },
]

/** Folders of simulated sessions. */
export function simulatedFolder(): string {
  return `/home/pi/code/${oneOf(['shop', 'api', 'site', 'tools', 'docs'])}`
}
