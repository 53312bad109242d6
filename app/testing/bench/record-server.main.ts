import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { createProject } from '../../db/project/write.ts'
import { startDashboard } from '../dashboard.ts'
import { parentGone, tell } from './http-servers.ts'

/* A dashboard with as many features, bugs and devops tasks as it is told, in three projects; ends with its parent. */

const items = Number(process.argv[2])
const dashboard = await startDashboard()
const { database, config } = dashboard.web
await database.write(async (db) => {
  for (const name of ['One', 'Two', 'Three']) {
    const words = { name, description: '', rootPath: null, repositoryUrl: null, metadata: {} }
    await createProject(db, words, 'bench', 1)
  }
})
const raw = new Sqlite(join(config.dataDir, 'architect.db'))
raw.exec(`
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${items})
  insert into work_items (kind, project_id, number, title, description, status, priority, severity, metadata,
    created_at, created_by, updated_at, status_at)
  select case i % 3 when 0 then 'bug' when 1 then 'feature' else 'devops_task' end, 1 + i % 3, i,
    'item number ' || i || ' about word' || (i % 97), replace(hex(zeroblob(100)), '00', 'lorem '),
    case i % 5 when 0 then 'open' when 1 then 'queued' when 2 then 'in_progress' when 3 then 'review' else 'done' end,
    i % 11, case when i % 3 = 0 then 'low' end, '{}', i, 'bench', i, i from n`)
raw.close()
const { token } = await dashboard.token(['read'], 'viewer')
const { cookie } = await dashboard.signIn('viewer')
tell({ port: dashboard.listening.port, authorization: `Bearer ${token}`, cookie })
await parentGone()
await dashboard[Symbol.asyncDispose]()
