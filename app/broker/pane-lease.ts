import { nodeOf, paneKey, type PaneRef } from '../core/host.ts'
import { readPaneLease, takePaneLease } from '../db/leases.ts'
import type { Tools } from './tools.ts'

/** Long enough for any one step; renewed as long as it is asked for. */
const holdMs = 30_000

/** The one assigner of a node, whichever process it is: after a crash the next one holds what that one held. */
function automationOn(node: string): string {
  return `assigner@${node}`
}

/** Whether somebody else than the assigner has the right to write into a pane. */
export function isElsewhere({ paneKey: key, owner }: { paneKey: string; owner: string }): boolean {
  return owner !== automationOn(nodeOf(key))
}

/** The right to write into one pane: assigner, approvals and people at the dashboard take turns by it. */
export class PaneLease {
  readonly #tools: Tools
  readonly #key: string

  constructor(tools: Tools, pane: PaneRef) {
    this.#tools = tools
    this.#key = `${tools.host.node}/${paneKey(pane)}`
  }

  /** The epoch under which we may write now, taken or renewed where needed; null while somebody else holds it. */
  async hold(): Promise<number | null> {
    const { database, clock, host } = this.#tools
    const owner = automationOn(host.node)
    const now = clock.now()
    const current = await readPaneLease(database.kysely, this.#key)
    const isOurs = current?.owner === owner
    if (isOurs && current.until > now + holdMs / 2) return current.epoch
    if (current && !isOurs && current.until > now) return null
    const taken = await database.write((db) => takePaneLease(db, this.#key, owner, now + holdMs, now))
    return taken?.epoch ?? null
  }
}
