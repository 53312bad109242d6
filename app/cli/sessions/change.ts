import { AppError } from '../../core/errors.ts'
import { getSessionSettings, setSessionSettings, type SessionSettings } from '../../db/session-settings.ts'
import { nearest } from '../../core/nearest.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import type { SessionChanges } from './command.ts'
import { sessionRows } from './list.ts'

/** Changes how the assigner treats a session; kept by name, so that it holds for the next one of that name. */
export async function changeSession(
  name: string,
  { addTags, removeTags, ...changes }: SessionChanges,
  options: { json?: true },
): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { database, clock } = records
    const session = await nameOfSession(records, name)
    const before = await getSessionSettings(database.kysely, session.node, session.name)
    const kept = (before?.tags ?? []).filter((tag) => !removeTags?.includes(tag))
    const tags = [...new Set([...kept, ...(addTags ?? [])])]
    const after = await database.write((db) =>
      setSessionSettings(db, session, { ...changes, tags }, clock.now()),
    )
    await database.bus.notify('sessions')
    if (output.json) output.document(toJson({ ...session, settings: after }))
    else output.line(`Session ${session.name}: ${inWords(after)}.`)
  })
}

/** A session that is there, or one whose settings are known from before. */
async function nameOfSession(records: Records, wanted: string): Promise<{ node: string; name: string }> {
  const { config, database } = records
  const slash = wanted.indexOf('/')
  const rows = await sessionRows(records)
  const found = rows.find(({ node, name, address, paneId }) =>
    [name, address, paneId].some((known) => known === wanted || `${node}/${known}` === wanted),
  )
  if (found) return { node: found.node, name: found.name }
  const name = wanted.slice(slash + 1)
  const node = slash > 0 ? wanted.slice(0, slash) : config.node
  if (await getSessionSettings(database.kysely, node, name)) return { node, name }
  const names = rows.map((row) => row.name)
  throw new AppError('not_found', `There is no session "${wanted}". ${nearest(wanted, [...new Set(names)])}`)
}

function inWords({ tier, tags, paused, ignored }: SessionSettings): string {
  return [
    tier ?? 'worker',
    ignored ? 'ignored: it gets no prompts' : 'gets prompts',
    ...(paused ? ['paused'] : []),
    ...(tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
  ].join(', ')
}
