import { execFileSync, spawnSync } from 'node:child_process'
import type { Cable } from './cable.ts'

/**
 * A network of a test's own, in namespaces of the kernel: a dashboard's machine with a switch (a bridge), and others
 * on cables (veth pairs) to it. A pulled one has no carrier: what is sent vanishes, and nobody is told.
 */
export interface Network extends AsyncDisposable {
  /** The namespace in which the dashboard runs. */
  home: string
  /** The dashboard's address there, for every machine. */
  address: string
  /** One more machine, whose agent is to run in `cable.namespace`. `port`: where the dashboard listens. */
  wire(port: number): Cable
}

/** Why this system makes no namespaces; null when it does. */
export function whyNoNetwork(): string | null {
  const name = `${prefix}${process.pid}-try`
  const tried = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (tried.error) return 'no network namespaces: `ip` is not installed (package iproute2)'
  if (tried.status !== 0) return `no network namespaces: ${tried.stderr.trim()}; run this test as root`
  ip('netns', 'del', name)
  return null
}

/** Run with these, a program lives in the namespace. */
export function inNamespace(namespace: string): string[] {
  return ['ip', 'netns', 'exec', namespace]
}

export function openNetwork(): Network {
  removeForgotten()
  const made: string[] = []
  const home = namespaceOf('home')
  const add = (namespace: string) => {
    ip('netns', 'add', namespace)
    made.push(namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
  }
  const remove = () => {
    // The other end of a cable goes with its namespace.
    for (const namespace of made.splice(0)) ip('netns', 'del', namespace)
  }
  try {
    add(home)
    ip('-n', home, 'link', 'add', bridge, 'type', 'bridge')
    ip('-n', home, 'addr', 'add', `${addressOf(1)}/24`, 'dev', bridge)
    ip('-n', home, 'link', 'set', bridge, 'up')
  } catch (error) {
    remove()
    throw error
  }
  let machines = 0
  return {
    home,
    address: addressOf(1),
    wire(port) {
      machines += 1
      const namespace = namespaceOf(`node-${machines}`)
      const plug = `plug${machines}`
      add(namespace)
      ip('link', 'add', plug, 'netns', home, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
      ip('-n', home, 'link', 'set', plug, 'master', bridge)
      ip('-n', namespace, 'addr', 'add', `${addressOf(machines + 1)}/24`, 'dev', 'eth0')
      ip('-n', namespace, 'link', 'set', 'eth0', 'up')
      ip('-n', home, 'link', 'set', plug, 'up')
      return {
        url: `http://${addressOf(1)}:${port}`,
        namespace,
        pull: () => ip('-n', home, 'link', 'set', plug, 'down'),
        plugIn: () => ip('-n', home, 'link', 'set', plug, 'up'),
        [Symbol.asyncDispose]: async () => undefined,
      }
    },
    async [Symbol.asyncDispose]() {
      remove()
    },
  }
}

const prefix = 'architect-test-'
const bridge = 'switch0'

/** Nobody else has these: they are in namespaces of their own. */
function addressOf(host: number): string {
  return `10.77.0.${host}`
}

function namespaceOf(what: string): string {
  return `${prefix}${process.pid}-${what}`
}

function ip(...args: string[]) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** A test that was killed could not remove its own. */
function removeForgotten() {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const [name, pid] of listed.matchAll(new RegExp(`^${prefix}(\\d+)-\\S+`, 'gm'))) {
    if (!isAlive(Number(pid))) ip('netns', 'del', name)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process can't be signalled, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
