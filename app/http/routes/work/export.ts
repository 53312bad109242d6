import { z } from 'zod'
import { workKinds, type WorkItem } from '../../../core/work.ts'
import { listWork } from '../../../db/work/read.ts'
import { toJson } from '../../../json.ts'
import { csvOf } from '../../../work/csv.ts'
import { OwnAnswer } from '../../own-answer.ts'
import { defineRoute, type Route } from '../../route.ts'
import { severalOf } from '../../schemas/list.ts'
import { workFilterOf, workQuery, workSchema } from '../../schemas/work.ts'
import { viewer } from './items.ts'

/** Of more, ask by project. */
const mostRows = 50_000

const columns = [
  'key',
  'kind',
  'title',
  'status',
  'priority',
  'severity',
  'assignee',
  'project_id',
  'milestone_id',
  'prompt_id',
  'note',
  'created_by',
  'created_at',
  'updated_at',
  'description',
] as const

export const exportRoute: Route = defineRoute({
  method: 'get',
  path: '/api/work/export',
  tag: 'Work',
  summary: 'All that fits as one CSV or JSON file',
  access: viewer,
  query: workQuery
    .omit({ limit: true, cursor: true })
    .extend({ kind: severalOf(workKinds), format: z.enum(['csv', 'json']).default('csv') }),
  reply: z.array(workSchema),
  async handle({ web, query }) {
    const filter = { ...workFilterOf(query), ...(query.kind && { kinds: query.kind }) }
    const items = await listWork(web.database.kysely, filter, { limit: mostRows, order: query.order })
    const text = query.format === 'csv' ? csvOfWork(items) : `${JSON.stringify(toJson(items), null, 1)}\n`
    const type = query.format === 'csv' ? 'text/csv' : 'application/json'
    return new OwnAnswer((_request, response) => {
      response.setHeader('Content-Type', `${type}; charset=utf-8`)
      response.setHeader('Content-Disposition', `attachment; filename="work.${query.format}"`)
      response.end(text)
      return Promise.resolve()
    })
  },
})

/** Times as people and spreadsheets read them. */
function csvOfWork(items: readonly WorkItem[]): string {
  const iso = (at: number) => new Date(at).toISOString()
  const rows = toJson(items).map((item, index) => {
    const { createdAt, updatedAt } = items[index]!
    const shown = { ...item, created_at: iso(createdAt), updated_at: iso(updatedAt) }
    return columns.map((column) => shown[column])
  })
  return csvOf(columns, rows)
}
