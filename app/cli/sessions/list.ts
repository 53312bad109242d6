import { listSessionSettings } from '../../db/session-settings.ts'
import { listSessions as listStored } from '../../db/sessions.ts'
import { assignerRuns } from '../assigner/start.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { withLooks } from './looks.ts'
import { showSessions, type SessionRow } from './table.ts'
import { lookAtSessions, viewOfStored, type SessionView } from './view.ts'

export async function listSessions(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const rows = await sessionRows(records)
    if (output.json) output.document({ items: toJson(rows), next_cursor: null })
    else showSessions(output, rows, records.clock.now())
  })
}

/** What the assigner saw last; while none runs, one look of our own at this machine. Sorted by name. */
export async function sessionRows(records: Records): Promise<SessionRow[]> {
  const { config, database } = records
  const stored = (await listStored(database.kysely)).map(viewOfStored)
  const views = assignerRuns(config)
    ? stored
    : [
        ...stored.filter(({ node }) => node !== config.node),
        ...(await withLooks(({ host, reader }) => lookAtSessions(host, reader), config)),
      ]
  const settings = await listSessionSettings(database.kysely)
  return views
    .map((view) => ({
      ...view,
      settings: settings.find(({ node, name }) => node === view.node && name === view.name) ?? null,
    }))
    .toSorted(byName)
}

function byName(a: SessionView, b: SessionView): number {
  const order = new Intl.Collator('en', { numeric: true })
  return order.compare(a.node, b.node) || order.compare(a.address, b.address)
}
