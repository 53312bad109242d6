import { z } from 'zod'
import { deleteSchedule, getSchedule, listSchedules } from '../../../db/schedule.ts'
import type { Schedule } from '../../../core/schedule.ts'
import { toJson } from '../../../json.ts'
import { createSchedule, runNow, setPaused } from '../../../tasks/schedules.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { newTaskOf, taskFields } from '../../schemas/task.ts'
import { operator, requireForSecrets, viewer } from './queue.ts'

const tag = 'Schedules'

const scheduleSchema = z.object({
  id: z.number(),
  name: z.string(),
  cron: z.string(),
  time_zone: z.string(),
  task: z.record(z.string(), z.unknown()).describe('what it hands in each time'),
  paused: z.boolean(),
  overlap: z.boolean().describe('a task may begin while the one before is not over'),
  next_at: z.number().nullable(),
  last_at: z.number().nullable(),
  last_task_id: z.number().nullable(),
  note: z.string().nullable().describe('why it made no task the last time'),
  created_by: z.string(),
  created_at: z.number(),
  version: z.number(),
})

const json = (schedule: Schedule): z.output<typeof scheduleSchema> => ({ ...toJson(schedule) })
const changed = z.object({ success: z.literal(true), schedule: scheduleSchema })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/schedules',
  tag,
  summary: 'Schedules of tasks, what comes next first',
  access: viewer,
  reply: z.object({ items: z.array(scheduleSchema), next_cursor: z.null() }),
  async handle({ web }) {
    const items = await listSchedules(web.database.kysely)
    return { items: items.map(json), next_cursor: null }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/schedules/:id',
  tag,
  summary: 'One schedule',
  access: viewer,
  params: idParams,
  reply: scheduleSchema,
  handle: async ({ web, params }) => json(await getSchedule(web.database.kysely, params.id)),
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/schedules',
  tag,
  summary: 'Hand a task in again and again, by the clock',
  access: operator,
  body: z.strictObject({
    name: z.string().trim().min(1).max(200),
    cron: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .describe('minute hour day month weekday; seconds may stand before'),
    time_zone: z.string().max(100).nullish().describe("Europe/Berlin; the dashboard's own when absent"),
    overlap: z.boolean().nullish(),
    task: z.strictObject(taskFields),
  }),
  reply: changed.extend({ id: z.number() }),
  status: 201,
  async handle({ web, body, caller }) {
    requireForSecrets(caller!, body.task.secrets ?? [])
    const wanted = {
      name: body.name,
      cron: body.cron,
      timeZone: body.time_zone ?? null,
      overlap: body.overlap ?? false,
      task: newTaskOf(body.task),
      createdBy: caller!.name,
    }
    const made = await web.database.write((db) => createSchedule(db, wanted, web.clock.now()))
    return { success: true as const, id: made.id, schedule: json(made) }
  },
})

function pausing(word: 'pause' | 'resume', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/api/schedules/:id/${word}`,
    tag,
    summary,
    access: operator,
    params: idParams,
    reply: changed,
    async handle({ web, params }) {
      const now = web.clock.now()
      const schedule = await web.database.write((db) => setPaused(db, params.id, word === 'pause', now))
      return { success: true as const, schedule: json(schedule) }
    },
  })
}

const runRoute = defineRoute({
  method: 'post',
  path: '/api/schedules/:id/run',
  tag,
  summary: 'Hand its task in now, besides its times',
  access: operator,
  params: idParams,
  reply: z.object({ success: z.literal(true), task_id: z.number() }),
  async handle({ web, params, caller }) {
    const { secrets } = (await getSchedule(web.database.kysely, params.id)).task
    requireForSecrets(caller!, secrets ?? [])
    const now = web.clock.now()
    const task_id = await web.database.write((db) => runNow(db, params.id, caller!.name, now))
    return { success: true as const, task_id }
  },
})

const deleteRoute = defineRoute({
  method: 'delete',
  path: '/api/schedules/:id',
  tag,
  summary: 'Delete a schedule; the tasks that it made stay',
  access: operator,
  params: idParams,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params }) {
    await web.database.write((db) => deleteSchedule(db, params.id, web.clock.now()))
    return { success: true as const }
  },
})

export const scheduleRoutes: readonly Route[] = [
  listRoute,
  createRoute,
  showRoute,
  pausing('pause', 'Let it rest'),
  pausing('resume', 'Let it come again, from its next time on'),
  runRoute,
  deleteRoute,
]
