import { statfs } from 'node:fs/promises'
import { sampleLimits, type MetricSample } from '../../app/core/metric-sample.ts'
import { findMounts, readDisks, type StatFs } from './disks.ts'
import { KernelFiles } from './files.ts'
import { findThermometer, findThrottled, readTemperature, readThrottled } from './heat.ts'
import { cpuBetween, readCpuTimes, readLoad, readMemory, readUptime, type CpuTimes } from './machine.ts'
import { findInterfaces, netBetween, readNetCounters, type NetCounters } from './network.ts'
import { readProcess, readTree, readUnits, type ProcessStat, type Units, type Usage } from './processes.ts'

/** A session whose processes are counted: its key and the pid that tmux started in its pane. */
export interface MeasuredSession {
  key: string
  pid: number
}

export interface MetricReaderOptions {
  /** A folder with a recorded `proc` and `sys`. */
  root?: string
  /** Milliseconds that only run forward; what rates are reckoned with. */
  monotonic?: () => number
  /** The wall clock. */
  now?: () => number
  statFs?: StatFs
}

/** Disks fill slowly, and a sleeping one shall not be woken for each look, in ms. */
const disksEveryMs = 60_000
/** Devices come and go rarely, in ms. */
const searchEveryMs = 600_000

/**
 * Looks at this machine, cheaply: a few small files of `/proc` and `/sys`, and the processes of the sessions. Rates
 * are those since the look before. Node builtins only, because it runs in the node agent on a Raspberry Pi.
 */
export class MetricReader {
  readonly #files: KernelFiles
  readonly #units: Units
  readonly #monotonic: () => number
  readonly #now: () => number
  readonly #statFs: StatFs
  #before: { at: number; cpu: CpuTimes | null; net: NetCounters } | null = null
  #usage = new Map<string, Usage>()
  #usageAt = 0
  #disks: MetricSample['disks'] = []
  #disksAt = -Infinity
  #searchedAt = -Infinity
  #thermometer: string | null = null
  #throttled: string | null = null
  #interfaces: string[] = []
  #mounts: string[] = []

  constructor({ root = '/', monotonic, now, statFs }: MetricReaderOptions = {}) {
    this.#files = new KernelFiles(root)
    this.#units = readUnits(this.#files)
    this.#monotonic = monotonic ?? sinceBoot
    this.#now = now ?? (() => Date.now())
    this.#statFs = statFs ?? statfs
  }

  async read(sessions: readonly MeasuredSession[] = []): Promise<MetricSample> {
    const at = this.#monotonic()
    this.#search(at)
    await this.#readDisks(at)
    const cpu = readCpuTimes(this.#files)
    const net = readNetCounters(this.#files, this.#interfaces)
    const before = this.#before
    this.#before = { at, cpu, net }
    const used = this.#readUsage(sessions, at)
    return {
      at: Math.round(this.#now()),
      cpu: rounded(cpuBetween(before?.cpu ?? null, cpu)),
      load: readLoad(this.#files),
      ...readMemory(this.#files),
      disks: this.#disks,
      net: before ? netBetween(before.net, net, (at - before.at) / 1000) : null,
      temp: readTemperature(this.#files, this.#thermometer),
      up: readUptime(this.#files),
      ...used,
      pi: readThrottled(this.#files, this.#throttled),
    }
  }

  #search(at: number) {
    if (at - this.#searchedAt < searchEveryMs) return
    this.#searchedAt = at
    this.#thermometer = findThermometer(this.#files)
    this.#throttled = findThrottled(this.#files)
    this.#interfaces = findInterfaces(this.#files)
    this.#mounts = findMounts(this.#files)
  }

  async #readDisks(at: number) {
    if (at - this.#disksAt < disksEveryMs) return
    this.#disksAt = at
    this.#disks = await readDisks(this.#mounts, this.#statFs)
  }

  #readUsage(sessions: readonly MeasuredSession[], at: number) {
    const measured = sessions.slice(0, sampleLimits.sessions)
    const now = new Map<string, Usage>()
    const servers = new Map<number, Usage>()
    for (const { key, pid } of measured) {
      const tree = readTree(this.#files, pid)
      if (tree) now.set(`${key} ${pid}`, tree)
      const parent = readProcess(this.#files, pid)?.parent ?? 0
      const server = parent > 1 && !servers.has(parent) ? readProcess(this.#files, parent) : null
      // With the children that it has reaped would be the work of every agent that has ended.
      if (server?.name.startsWith('tmux')) servers.set(parent, alone(server))
    }
    const tmux = sumOf([...servers.values()])
    if (tmux) now.set('tmux', tmux)
    const self = readProcess(this.#files, process.pid)
    if (self) now.set('agent', alone(self))
    const seconds = (at - this.#usageAt) / 1000
    const share = (name: string) => this.#share(this.#usage.get(name), now.get(name), seconds)
    const sample = {
      tmux: share('tmux'),
      agent: share('agent'),
      sessions: measured.flatMap(({ key, pid }) => {
        const found = share(`${key} ${pid}`)
        return found ? [[key, ...found] as MetricSample['sessions'][number]] : []
      }),
    }
    this.#usage = now
    this.#usageAt = at
    return sample
  }

  /** Percent of one core, and bytes. A tree that lost an ended process may count less than before: that is none. */
  #share(
    before: Usage | undefined,
    after: Usage | undefined,
    seconds: number,
  ): [number | null, number] | null {
    if (!after) return null
    const bytes = after.pages * this.#units.pageBytes
    if (!before || seconds <= 0) return [null, bytes]
    const busy = Math.max(0, after.ticks - before.ticks) / this.#units.ticksPerSecond
    return [rounded((busy / seconds) * 100), bytes]
  }
}

function alone({ ownTicks, pages }: ProcessStat): Usage {
  return { ticks: ownTicks, pages }
}

function sumOf(usages: readonly Usage[]): Usage | null {
  if (usages.length === 0) return null
  return usages.reduce((sum, { ticks, pages }) => ({ ticks: sum.ticks + ticks, pages: sum.pages + pages }))
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10
}

/** In ms; `performance` would load a megabyte of modules for it. */
function sinceBoot(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
