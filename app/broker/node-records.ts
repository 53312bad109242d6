import type { EpochMs } from '../core/clock.ts'
import type { Node } from '../core/node.ts'
import type { Db } from '../db/schema.ts'
import { listNodes } from '../db/node/read.ts'

/** What people and the dashboard say of nodes: who is to get nothing new, and why. */
export class NodeRecords {
  #nodes = new Map<string, Node>()

  async load(db: Db): Promise<void> {
    this.#nodes = new Map((await listNodes(db)).map((node) => [node.name, node]))
  }

  /** Nobody has heard it for longer than its lifetime. */
  isLost(name: string): boolean {
    const state = this.#nodes.get(name)?.state
    return state === 'offline' || state === 'revoked'
  }

  /** Why a node gets no new prompt while it works on so many; null when it may get one. */
  whyNot(name: string, working: number, now: EpochMs): string | null {
    const node = this.#nodes.get(name)
    if (!node) return null
    if ((node.maintenanceUntil ?? 0) > now) return `on ${name}, which is in maintenance`
    if (node.pressure !== null) return `on ${name}, which is under pressure: ${node.pressure}`
    const most = node.limits.prompts
    return most !== null && working >= most
      ? `on ${name}, which works on ${working} of at most ${most}`
      : null
  }
}
