import type { UsedOf } from '../../app/core/metric-sample.ts'
import type { KernelFiles } from './files.ts'

/** Jiffies since the start, of all processors together. */
export interface CpuTimes {
  busy: number
  total: number
}

/** The first line of `/proc/stat`; waiting for a disk is no work. Guests are counted in `user` already. */
export function readCpuTimes(files: KernelFiles): CpuTimes | null {
  const line = /^cpu +(.+)$/m.exec(files.text('proc/stat') ?? '')?.[1]
  if (!line) return null
  const times = line.split(' ').map(Number).slice(0, 8)
  if (times.length < 4 || times.some((each) => !Number.isFinite(each))) return null
  const total = times.reduce((sum, each) => sum + each, 0)
  return { busy: total - times[3]! - (times[4] ?? 0), total }
}

/** Percent between two looks; null when the counters did not run forward (a restart, a machine that slept). */
export function cpuBetween(before: CpuTimes | null, after: CpuTimes | null): number | null {
  if (!before || !after) return null
  const total = after.total - before.total
  const busy = after.busy - before.busy
  if (total <= 0 || busy < 0) return null
  return Math.min(100, (busy / total) * 100)
}

export function readLoad(files: KernelFiles): [number, number, number] | null {
  const [one, five, fifteen] = (files.text('proc/loadavg') ?? '').split(' ').map(Number)
  const load = [one, five, fifteen]
  return load.every((each) => each !== undefined && Number.isFinite(each))
    ? (load as [number, number, number])
    : null
}

/** Seconds. */
export function readUptime(files: KernelFiles): number | null {
  const seconds = Number.parseFloat(files.text('proc/uptime') ?? '')
  return Number.isFinite(seconds) ? seconds : null
}

/** What programs hold, without what the kernel would give back at once. */
export function readMemory(files: KernelFiles): { mem: UsedOf | null; swap: UsedOf | null } {
  const kib = new Map<string, number>()
  for (const [, name = '', value] of (files.text('proc/meminfo') ?? '').matchAll(/^(\w+):\s+(\d+) kB$/gm)) {
    kib.set(name, Number(value))
  }
  const total = kib.get('MemTotal')
  // Kernels before 3.14 don't say what is available.
  const free = kib.get('MemAvailable') ?? sumOf(kib, ['MemFree', 'Buffers', 'Cached'])
  const swapTotal = kib.get('SwapTotal')
  const swapFree = kib.get('SwapFree')
  return {
    mem: total === undefined || free === null ? null : [(total - free) * 1024, total * 1024],
    swap:
      swapTotal === undefined || swapFree === undefined
        ? null
        : [(swapTotal - swapFree) * 1024, swapTotal * 1024],
  }
}

function sumOf(values: ReadonlyMap<string, number>, names: string[]): number | null {
  const found = names.map((name) => values.get(name))
  return found.every((each) => each !== undefined) ? found.reduce((sum, each) => sum + each, 0) : null
}
