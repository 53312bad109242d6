import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'
import { showSessions } from './table.ts'

/** What the assigner saw last; while none runs, one look at the machine. Sorted by name. */
export async function listSessions(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const rows = await desk.sessions()
    if (output.json) output.document({ items: toJson(rows), next_cursor: null })
    else showSessions(output, rows, Date.now())
  })
}
