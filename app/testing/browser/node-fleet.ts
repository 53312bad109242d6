import { noFacts } from '../../core/node.ts'
import { raiseAlert, endAlert, listAlerts } from '../../db/node/alerts.ts'
import { addNode, advanceNode, changeNode, introduceNode } from '../../db/node/write.ts'
import { makeSecret } from '../../nodes/secrets.ts'
import { addNodeKey } from '../../db/node/keys.ts'
import { noteHeartbeat } from '../../nodes/hearing.ts'
import type { MetricSample } from '../../core/metric-sample.ts'
import type { Web } from '../../http/web.ts'

const gib = 1024 ** 3
const minuteMs = 60_000

interface Machine {
  name: string
  tags: string[]
  model: string | null
  cpu: number
  memory: number
  heat: number | null
  disk: number
  pi: number | null
  pressure?: string
}

const machines: Machine[] = [
  {
    name: 'pi-1',
    tags: ['pi', 'lab'],
    model: 'Raspberry Pi 5 Model B Rev 1.0',
    cpu: 42,
    memory: 61,
    heat: 61,
    disk: 38,
    pi: 0,
  },
  {
    name: 'pi-2',
    tags: ['pi'],
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    cpu: 97,
    memory: 93,
    heat: 82,
    disk: 91,
    pi: 0x50005,
  },
  {
    name: 'pi-3',
    tags: ['pi', 'kitchen'],
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    cpu: 3,
    memory: 18,
    heat: 44,
    disk: 22,
    pi: 0,
  },
  {
    name: 'workstation',
    tags: ['gpu'],
    model: 'ThinkStation P620',
    cpu: 18,
    memory: 34,
    heat: 52,
    disk: 66,
    pi: null,
  },
]

/**
 * Machines in each state, with an hour of figures, alerts and keys: what the pages of nodes show. Until disposed of,
 * those that are online go on reporting.
 */
export async function populateNodes(web: Web, now: number): Promise<Disposable> {
  const { database, nodes } = web
  const own = await database.write((db) =>
    addNode(db, { name: web.host.node, kind: 'dashboard', tags: [] }, now),
  )
  const self = { ...machines[3]!, name: web.host.node, heat: null, cpu: 11 }
  const reporting: (Machine & { id: number })[] = [{ ...self, id: own.id }]
  await report(web, own.id, self, now)
  for (const machine of machines) {
    const node = await database.write(async (db) => {
      const { name, tags, model } = machine
      const facts = {
        ...noFacts,
        model,
        hostname: name,
        os: 'Debian GNU/Linux 12 (bookworm)',
        kernel: '6.6.31',
        arch: 'arm64',
        cpu: 'ARM Cortex-A76',
        cpus: 4,
        memoryBytes: 8 * gib,
        addresses: [`192.168.1.${40 + machines.indexOf(machine)}`],
        user: 'pi',
      }
      const added = await addNode(db, { name, kind: 'agent', tags, facts }, now - 3 * 86_400_000)
      await introduceNode(db, added.id, { agentVersion: '0.1.0', protocol: 1, clockOffsetMs: 1_240 })
      const { secretHash, hint } = makeSecret('archnode_')
      await addNodeKey(db, added, { secretHash, hint }, now - 3 * 86_400_000)
      return added
    })
    await report(web, node.id, machine, now)
    reporting.push({ ...machine, id: node.id })
    if (machine.name === 'pi-2') await alarm(web, node.id, now)
  }
  await database.write(async (db) => {
    const laptop = await addNode(db, { name: 'laptop', kind: 'agent', tags: [] }, now - 86_400_000)
    await advanceNode(db, laptop.id, 'hear', null, now - 86_400_000)
    await advanceNode(db, laptop.id, 'lose', 'nothing heard for 28 s', now - 40 * minuteMs)
    await addNode(db, { name: 'nas', kind: 'script', tags: ['lab'] }, now - minuteMs)
    const lost = await addNode(db, { name: 'old-phone', kind: 'agent', tags: [] }, now - 86_400_000)
    await advanceNode(db, lost.id, 'revoke', 'it was stolen', now - 86_400_000)
  })
  await nodes.watch.refresh()
  const beating = setInterval(() => {
    for (const machine of reporting) {
      const at = web.clock.now()
      void noteHeartbeat(nodes, machine.id, { samples: [sampleAt(machine, at, 0)] })
    }
  }, 5_000)
  return { [Symbol.dispose]: () => clearInterval(beating) }
}

async function report(web: Web, id: number, machine: Machine, now: number) {
  const samples: MetricSample[] = []
  for (let age = 60 * minuteMs; age >= 0; age -= minuteMs / 2) {
    // A quarter of an hour without any, as after a cut.
    if (machine.name === 'pi-3' && age < 40 * minuteMs && age > 25 * minuteMs) continue
    samples.push(sampleAt(machine, now - age, age))
  }
  await noteHeartbeat(web.nodes, id, { samples })
}

function sampleAt({ cpu, memory, heat, disk, pi }: Machine, at: number, age: number): MetricSample {
  const wave = Math.sin(at / 400_000) * 0.3 + Math.sin(at / 90_000) * 0.15
  const waved = (value: number) => Math.min(99, Math.max(1, Math.round(value * (1 + wave) * 10) / 10))
  return {
    at,
    age,
    cpu: age === 0 ? cpu : waved(cpu),
    load: [cpu / 25, cpu / 30, cpu / 40],
    mem: [((age === 0 ? memory : waved(memory)) / 100) * 8 * gib, 8 * gib],
    swap: [0.2 * gib, 2 * gib],
    disks: [
      ['/', (disk / 100) * 64 * gib, 64 * gib],
      ['/boot/firmware', 0.1 * gib, 0.5 * gib],
    ],
    net: [20_000 * (1 + wave), 4_000],
    temp: heat === null ? null : waved(heat) > 90 ? heat : age === 0 ? heat : waved(heat),
    up: 372_000,
    tmux: [0.2, 8e6],
    agent: [0.1, 52e6],
    sessions: [['default/%0', waved(cpu) / 2, 0.4 * gib]],
    pi,
  }
}

async function alarm({ database }: Web, nodeId: number, now: number) {
  await database.write(async (db) => {
    const alert = { nodeId, node: 'pi-2' }
    await raiseAlert(
      db,
      { ...alert, kind: 'memory', says: 'pi-2 uses 97 % of its memory' },
      now - 300 * minuteMs,
    )
    const [first] = await listAlerts(db, { open: true })
    await endAlert(db, { id: first!.id, node: 'pi-2', reason: 'it is over' }, now - 240 * minuteMs)
    await raiseAlert(db, { ...alert, kind: 'temperature', says: 'pi-2 is 82 °C hot' }, now - 12 * minuteMs)
    await raiseAlert(db, { ...alert, kind: 'disk', says: '/ of pi-2 is 91 % full' }, now - 50 * minuteMs)
    await changeNode(db, nodeId, { maintenanceUntil: null }, now)
  })
}
