import type { Clock } from '../core/clock.ts'
import { alertKinds, type AlertKind, type NodeAlert } from '../core/node-alert.ts'
import type { Node } from '../core/node.ts'
import { endAlert, forgetAlerts, listAlerts, raiseAlert } from '../db/node/alerts.ts'
import type { Database } from '../db/open.ts'
import { getAlertRules } from '../db/settings.ts'
import { conditions, type Condition } from './alert-conditions.ts'
import type { NodeWatch } from './watch.ts'

export interface AlertOptions {
  database: Database
  clock: Clock
  watch: NodeWatch
  /** Of this dashboard. */
  version: string
  /** Milliseconds that only run forward. */
  monotonic?: () => number
}

/** Figures that are older say nothing of now, in ms. */
const recentMs = 60_000
const keptMs = 90 * 86_400_000
const forgetEveryMs = 3_600_000

/**
 * Raises and ends alerts. Each has to hold for its time, by a clock that only runs forward and from the start of
 * this process: neither a restart nor a spike raises one. Nothing is raised during maintenance.
 */
export class AlertDesk {
  readonly #options: AlertOptions
  readonly #monotonic: () => number
  /** Since when something is bad, or an open alert's cause is good: by node and kind. */
  readonly #since = new Map<string, { standing: 'bad' | 'good'; at: number }>()
  #forgotAt = -Infinity

  constructor(options: AlertOptions) {
    this.#options = options
    this.#monotonic = options.monotonic ?? (() => performance.now())
  }

  /** Looks at every node once; cheap, for every few seconds. */
  async evaluate(): Promise<void> {
    const { database, watch } = this.#options
    const rules = await getAlertRules(database.kysely)
    const open = await listAlerts(database.kysely, { open: true })
    const nodes = watch.nodes()
    const left = new Map(open.map((alert) => [keyOf(alert.nodeId, alert.kind), alert]))
    for (const node of nodes) {
      const observed = { node, latest: this.#recent(node), version: this.#options.version }
      for (const kind of alertKinds) {
        const key = keyOf(node.id, kind)
        const alert = left.get(key) ?? null
        left.delete(key)
        const isOff = !rules.kinds.includes(kind) || this.#isInMaintenance(node) || node.state === 'revoked'
        if (isOff) await this.#switchOff(node, kind, alert)
        else await this.#consider(node, kind, conditions[kind](observed, rules), alert)
      }
    }
    await this.#forget(nodes)
  }

  async #consider(node: Node, kind: AlertKind, condition: Condition | null, alert: NodeAlert | null) {
    const key = keyOf(node.id, kind)
    const turning = alert ? 'good' : 'bad'
    if (!condition || condition.standing !== turning) {
      this.#since.delete(key)
      return
    }
    const now = this.#monotonic()
    const since = this.#since.get(key)
    if (since?.standing !== turning) this.#since.set(key, { standing: turning, at: now })
    const heldMs = since?.standing === turning ? now - since.at : 0
    if (heldMs < (alert ? condition.goodForMs : condition.badForMs)) return
    this.#since.delete(key)
    if (alert) await this.#end(node, alert, 'it is over')
    else await this.#raise(node, kind, condition.says)
  }

  async #switchOff(node: Node, kind: AlertKind, alert: NodeAlert | null) {
    this.#since.delete(keyOf(node.id, kind))
    if (!alert) return
    const isAtWork = this.#isInMaintenance(node)
    await this.#end(node, alert, isAtWork ? 'maintenance began' : 'nobody wants to know')
  }

  async #raise(node: Node, kind: AlertKind, says: string) {
    const { database, clock } = this.#options
    await database.write((db) =>
      raiseAlert(db, { nodeId: node.id, node: node.name, kind, says }, clock.now()),
    )
    await database.bus.notify('sessions')
  }

  async #end(node: Node, alert: NodeAlert, reason: string) {
    const { database, clock } = this.#options
    await database.write((db) => endAlert(db, { id: alert.id, node: node.name, reason }, clock.now()))
  }

  #recent(node: Node) {
    const latest = this.#options.watch.latest(node.id)
    return latest && this.#options.clock.now() - latest.at <= recentMs ? latest : null
  }

  #isInMaintenance({ maintenanceUntil }: Node): boolean {
    return maintenanceUntil !== null && maintenanceUntil > this.#options.clock.now()
  }

  async #forget(nodes: readonly Node[]) {
    if (this.#monotonic() - this.#forgotAt < forgetEveryMs) return
    this.#forgotAt = this.#monotonic()
    const known = new Set(nodes.map(({ id }) => id))
    for (const key of this.#since.keys()) if (!known.has(Number(key.split('/')[0]))) this.#since.delete(key)
    const before = this.#options.clock.now() - keptMs
    await this.#options.database.write((db) => forgetAlerts(db, before))
  }
}

function keyOf(nodeId: number, kind: AlertKind): string {
  return `${nodeId}/${kind}`
}
