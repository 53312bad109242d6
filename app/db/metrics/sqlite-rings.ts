import Sqlite, { type Database as SqliteHandle } from 'better-sqlite3'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { makePrivateFile, makePrivateFolder } from '../../core/private-files.ts'
import { placeKey, type Place, type Rings, type StoredSlot } from './rings.ts'

/** Pages that the connection keeps, in KiB. */
const cacheKib = 2_000
const journalLimitBytes = 4 * 1024 * 1024

/**
 * `metrics.db`. `synchronous=NORMAL`: a power cut may cost the last seconds of the figures and never the file,
 * and an SD card is spared a sync every few seconds. A damaged file is put aside and a new one begun: figures
 * are not worth a dashboard that doesn't start.
 */
export function openSqliteRings(dataDir: string, onFault: (error: unknown) => void): Rings {
  makePrivateFolder(dataDir)
  const path = join(dataDir, 'metrics.db')
  const handle = openOrBegin(path, onFault)
  const statements = prepare(handle)
  return {
    update(places, change) {
      handle.transaction(() => {
        const found = new Map<string, StoredSlot>()
        for (const place of places) {
          const row = statements.get.get(place.nodeId, place.tier, place.place) as StoredSlot | undefined
          if (row) found.set(placeKey(place), row)
        }
        for (const row of change(found)) {
          statements.put.run(row.nodeId, row.tier, row.place, row.slot, row.lastAt, row.figures)
        }
      })()
      return Promise.resolve()
    },
    range: (nodeId, tier, from) => Promise.resolve(statements.range.all(nodeId, tier, from) as StoredSlot[]),
    forget(nodeId) {
      statements.forget.run(nodeId)
      return Promise.resolve()
    },
    [Symbol.asyncDispose]() {
      handle.close()
      return Promise.resolve()
    },
  }
}

function openOrBegin(path: string, onFault: (error: unknown) => void): SqliteHandle {
  try {
    return open(path)
  } catch (error) {
    if (!/SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown }).code))) throw error
    const aside = `${path}.damaged-${Date.now()}`
    for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end)
    onFault(new Error(`${path} was damaged (${messageOf(error)}) and lies now at ${aside}`, { cause: error }))
    return open(path)
  }
}

function open(path: string): SqliteHandle {
  makePrivateFile(path)
  const handle = new Sqlite(path, { timeout: 5_000 })
  try {
    handle.pragma('journal_mode = WAL')
    handle.pragma('synchronous = NORMAL')
    handle.pragma(`cache_size = -${cacheKib}`)
    handle.pragma(`journal_size_limit = ${journalLimitBytes}`)
    handle.exec(`create table if not exists node_metrics (
      node_id integer not null, tier integer not null, place integer not null,
      slot integer not null, last_at integer not null, figures blob not null,
      primary key (node_id, tier, place)) without rowid`)
    return handle
  } catch (error) {
    handle.close()
    throw error
  }
}

const columns = 'node_id as nodeId, tier, place, slot, last_at as lastAt, figures'

function prepare(handle: SqliteHandle) {
  return {
    get: handle.prepare<Place[keyof Place][]>(
      `select ${columns} from node_metrics where node_id = ? and tier = ? and place = ?`,
    ),
    put: handle.prepare('insert or replace into node_metrics values (?, ?, ?, ?, ?, ?)'),
    range: handle.prepare(
      `select ${columns} from node_metrics where node_id = ? and tier = ? and slot >= ? order by slot`,
    ),
    forget: handle.prepare('delete from node_metrics where node_id = ?'),
  }
}
