import type { KernelFiles } from './files.ts'

/** Bytes since the start, by interface. */
export type NetCounters = ReadonlyMap<string, { received: number; sent: number }>

/** What only passes on what goes through another interface as well, or never leaves the machine. */
const inner = /^(lo|veth|docker|br-|virbr|vnet|ifb|dummy|cni|flannel|tap|bond|team)/

/** The interfaces with hardware; where a container shows none, those that are not plainly inner ones. */
export function findInterfaces(files: KernelFiles): string[] {
  const all = [...readNetCounters(files).keys()]
  const real = all.filter((name) => files.has(`sys/class/net/${name}/device`))
  return real.length > 0 ? real : all.filter((name) => !inner.test(name))
}

/** Of these interfaces, or of all. */
export function readNetCounters(files: KernelFiles, wanted?: readonly string[]): NetCounters {
  const all = new Map<string, { received: number; sent: number }>()
  for (const line of (files.text('proc/net/dev') ?? '').split('\n').slice(2)) {
    const [name = '', rest = ''] = line.split(':')
    const fields = rest.trim().split(/\s+/).map(Number)
    const [received, sent] = [fields[0], fields[8]]
    if (received === undefined || sent === undefined || !Number.isFinite(received + sent)) continue
    if (!wanted || wanted.includes(name.trim())) all.set(name.trim(), { received, sent })
  }
  return all
}

/**
 * Bytes per second. An interface that appeared, or whose counters began anew, counts from the next look on;
 * null when no interface was there both times.
 */
export function netBetween(
  before: NetCounters,
  after: NetCounters,
  seconds: number,
): [received: number, sent: number] | null {
  if (seconds <= 0) return null
  let [received, sent, known] = [0, 0, 0]
  for (const [name, now] of after) {
    const was = before.get(name)
    if (!was || now.received < was.received || now.sent < was.sent) continue
    received += now.received - was.received
    sent += now.sent - was.sent
    known += 1
  }
  return known === 0 ? null : [Math.round(received / seconds), Math.round(sent / seconds)]
}
