import { lookAtSessions, sessionRows as rowsOf, type SessionRow } from '../../broker/session-view.ts'
import { assignerRuns } from '../assigner/start.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { withLooks } from './looks.ts'
import { showSessions } from './table.ts'

export async function listSessions(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const rows = await sessionRows(records)
    if (output.json) output.document({ items: toJson(rows), next_cursor: null })
    else showSessions(output, rows, records.clock.now())
  })
}

/** What the assigner saw last; while none runs, one look of our own at this machine. Sorted by name. */
export function sessionRows({ config, database }: Records): Promise<SessionRow[]> {
  const lookHere = () => withLooks(({ host, reader }) => lookAtSessions(host, reader), config)
  return rowsOf(database, config.node, assignerRuns(config) ? null : lookHere)
}
