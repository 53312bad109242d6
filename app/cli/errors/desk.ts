import type { EpochMs } from '../../core/clock.ts'
import type { ErrorEvent, ErrorGroup, ErrorId, ErrorState } from '../../core/reported-error.ts'
import { advanceErrorGroup } from '../../db/error/change.ts'
import { listErrorGroups } from '../../db/error/read.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

/** Errors of one machine's dashboard. */
export interface ErrorDesk {
  /** Groups, what was seen last first. */
  list(filter: ErrorsWanted): Promise<ErrorGroup[]>
  change(id: ErrorId, event: Exclude<ErrorEvent, 'regress'>): Promise<ErrorGroup>
}

export interface ErrorsWanted {
  limit: number
  states?: readonly ErrorState[]
  node?: string
  text?: string
  /** Seen at this time or later. */
  since?: EpochMs
}

export const errorDesks: Sides<ErrorDesk> = { local: localErrors, remote: remoteErrors }

function localErrors(records: Records): ErrorDesk {
  const { database, clock } = records
  return {
    list: ({ limit, ...filter }) => listErrorGroups(database.kysely, filter, { limit, offset: 0 }),
    async change(id, event) {
      await requirePerson(records)
      return database.write((db) => advanceErrorGroup(db, id, event, personHere().name, clock.now()))
    },
  }
}

function remoteErrors(dashboard: Dashboard): ErrorDesk {
  return {
    async list({ limit, states, node, text, since }) {
      const query = {
        limit,
        ...(states && { state: states.join(',') }),
        ...(node !== undefined && { node }),
        ...(text !== undefined && { q: text }),
        ...(since !== undefined && { since }),
      }
      const { items } = await dashboard.get<{ items: Json<Listed>[] }>('/api/errors/groups', query)
      return items.map((item) => {
        const { hours: _hours, ...group } = fromJson<Listed>(item)
        return group
      })
    },
    async change(id, event) {
      const path = `/api/errors/${id}/${event}`
      const { group } = await dashboard.send<{ group: Json<ErrorGroup> }>('POST', path, {})
      return fromJson<ErrorGroup>(group)
    },
  }
}

type Listed = ErrorGroup & { hours: unknown[] }
