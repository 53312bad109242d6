import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { hostname, networkInterfaces, totalmem, userInfo } from 'node:os'
import { promisify } from 'node:util'
import type { NodeFacts } from '../../app/core/node.ts'
import { KernelFiles } from './files.ts'

/** What `systeminformation` is asked for; as far as the machine says. */
interface Asked {
  system?: { manufacturer?: string; model?: string }
  osInfo?: { distro?: string; release?: string; codename?: string; kernel?: string; arch?: string }
  cpu?: { manufacturer?: string; brand?: string; cores?: number }
}

/** Slow ones of its questions start programs; a machine that never answers has no inventory. In ms. */
const answerWithinMs = 10_000

/** What rarely changes about this machine. Never fails: what can't be found out is null. */
export async function readInventory(files: KernelFiles = new KernelFiles()): Promise<NodeFacts> {
  const { system, osInfo, cpu } = await ask()
  const board = files.text('proc/device-tree/model')?.replaceAll('\0', '').trim()
  const model = board || named(system?.manufacturer, system?.model)
  const os = named(osInfo?.distro, osInfo?.release, osInfo?.codename && `(${osInfo.codename})`)
  return {
    hostname: hostname().slice(0, 200),
    os,
    kernel: named(osInfo?.kernel),
    arch: named(osInfo?.arch ?? process.arch),
    model,
    cpu: named(cpu?.manufacturer, cpu?.brand),
    cpus: cpu?.cores ?? null,
    memoryBytes: totalmem(),
    addresses: ownAddresses(),
    user: userName(),
    tmux: null,
  }
}

/** By which other machines reach this one; IPv4 first, because people can read it out. */
export function ownAddresses(): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, each]) =>
    (each ?? []).map((address) => ({ ...address, name })),
  )
  const outer = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  const real = outer.filter(({ name }) => !/^(docker|br-|veth|virbr)/.test(name))
  const found = real.length > 0 ? real : outer
  return found
    .toSorted((a, b) => (a.family === b.family ? 0 : a.family < b.family ? -1 : 1))
    .map(({ address }) => address.replace(/%.*/, ''))
    .slice(0, 16)
}

/**
 * In a process of its own, which ends with the answer: the package, and what a thread leaves of V8 behind it,
 * would stay in memory for good. Without its answer everything else is still known.
 */
async function ask(): Promise<Asked> {
  const packagePath = createRequire(import.meta.url).resolve('systeminformation')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', asking, packagePath], {
      timeout: answerWithinMs,
      killSignal: 'SIGKILL',
    })
    return JSON.parse(stdout) as Asked
  } catch {
    return {}
  }
}

const asking = `
  const { get } = require(process.argv[1])
  get({ system: 'manufacturer, model', osInfo: 'distro, release, codename, kernel, arch', cpu: 'manufacturer, brand, cores' })
    .then((answer) => process.stdout.write(JSON.stringify(answer)))`

function named(...parts: (string | undefined)[]): string | null {
  const text = parts.filter(Boolean).join(' ').trim()
  return text === '' ? null : text.slice(0, 200)
}

function userName(): string | null {
  try {
    return userInfo().username.slice(0, 200)
  } catch {
    return null // a user without a name: that is the answer
  }
}
