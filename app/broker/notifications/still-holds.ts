import type { SessionState } from '../../core/session.ts'
import type { Notice } from '../../db/notification/notices.ts'
import type { Db } from '../../db/schema.ts'
import { waitingStates } from '../../db/needs.ts'

/** Whether somebody still waits: what was answered meanwhile is no news. Ends are final. */
export async function stillHolds(db: Db, { kind, noun, noun_id }: Notice): Promise<boolean> {
  if (noun === 'alert') {
    const row = await db
      .selectFrom('node_alerts')
      .select('state')
      .where('id', '=', Number(noun_id))
      .executeTakeFirst()
    return row?.state === 'open'
  }
  if (kind !== 'needs_person') return true
  if (noun === 'session') {
    const row = await db.selectFrom('sessions').select('state').where('key', '=', noun_id).executeTakeFirst()
    return row !== undefined && (waitingStates as readonly SessionState[]).includes(row.state)
  }
  const id = Number(noun_id)
  if (noun === 'prompt') {
    const row = await db
      .selectFrom('prompts')
      .select(['attention', 'state'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row !== undefined && (row.attention !== null || row.state === 'staged')
  }
  if (noun === 'question') {
    const row = await db.selectFrom('human_tasks').select('state').where('id', '=', id).executeTakeFirst()
    return row?.state === 'open'
  }
  return true
}
