import type { Project } from '../../core/project.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { importProject, type WantedImport } from '../../sources/projects/import-project.ts'
import { scanSources, type ScannedSources } from '../../sources/projects/scan-sources.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

/** The code folders of one machine's dashboard. */
export interface SourceDesk {
  scan(): Promise<Pick<ScannedSources, 'found' | 'folders'>>
  import(wanted: WantedImport): Promise<Project>
}

export const sourceDesks: Sides<SourceDesk> = { local: localSources, remote: remoteSources }

function localSources(records: Records): SourceDesk {
  const { database, clock } = records
  return {
    scan: () => scanSources(database.kysely),
    async import(wanted) {
      await requirePerson(records)
      return importProject(database, wanted, personHere().name, clock.now())
    },
  }
}

function remoteSources(dashboard: Dashboard): SourceDesk {
  return {
    async scan() {
      type Reply = { items: Json<ScannedSources['found']>; folders: Json<ScannedSources['folders']> }
      const { items, folders } = await dashboard.send<Reply>('POST', '/api/scan-sources')
      return {
        found: fromJson<ScannedSources['found']>(items),
        folders: fromJson<ScannedSources['folders']>(folders),
      }
    },
    async import(wanted) {
      const { success: _, ...project } = await dashboard.send<Json<Project> & { success: true }>(
        'POST',
        '/api/import-project',
        wanted,
      )
      return fromJson<Project>(project)
    },
  }
}
