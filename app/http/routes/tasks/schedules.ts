import { z } from 'zod'
import { deleteSchedule, getSchedule, listSchedules } from '../../../db/schedule.ts'
import type { Schedule } from '../../../core/schedule.ts'
import { toJson } from '../../../json.ts'
import { changeSchedule, createSchedule, runNow, setPaused } from '../../../tasks/schedules.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { newTaskOf, password, taskFields } from '../../schemas/task.ts'
import { requireForSecrets } from '../vault/give.ts'
import { operator, viewer } from './queue.ts'

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

const scheduleFields = {
  name: z.string().trim().min(1).max(200),
  cron: z.string().trim().min(1).max(200).describe('minute hour day month weekday; seconds may stand before'),
  time_zone: z.string().max(100).nullish().describe("Europe/Berlin; the dashboard's own when absent"),
  overlap: z.boolean().nullish(),
  task: z.strictObject(taskFields),
}

const createRoute = defineRoute({
  method: 'post',
  path: '/api/schedules',
  tag,
  summary: 'Hand a task in again and again, by the clock',
  access: operator,
  body: z.strictObject({ ...scheduleFields, password }),
  reply: changed.extend({ id: z.number() }),
  status: 201,
  async handle({ web, body, caller, address }) {
    const secrets = body.task.secrets ?? []
    await requireForSecrets(web, caller!, { secrets, password: body.password, address })
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

const changeRoute = defineRoute({
  method: 'patch',
  path: '/api/schedules/:id',
  tag,
  summary: 'Change a schedule; what is not given stays, and task is given whole',
  access: operator,
  params: idParams,
  body: z.strictObject({
    ...z.object(scheduleFields).partial().shape,
    version: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('as it was read: refused (409) where it changed'),
    password,
  }),
  reply: changed,
  async handle({ web, params, body, caller, address }) {
    const { name, cron, time_zone, overlap, task, version, password: said } = body
    const known = await getSchedule(web.database.kysely, params.id)
    const secrets = (task ? task.secrets : known.task.secrets) ?? []
    await requireForSecrets(web, caller!, { secrets, password: said, address })
    const change = {
      ...(name !== undefined && { name }),
      ...(cron !== undefined && { cron }),
      ...(time_zone != null && { timeZone: time_zone }),
      ...(overlap != null && { overlap }),
      ...(task && { task: newTaskOf(task) }),
      version: version ?? known.version,
    }
    const made = await web.database.write((db) => changeSchedule(db, params.id, change, web.clock.now()))
    return { success: true as const, schedule: json(made) }
  },
})

const pauseRoute = defineRoute({
  method: 'post',
  path: '/api/schedules/:id/pause',
  tag,
  summary: 'Let it rest',
  access: operator,
  params: idParams,
  reply: changed,
  async handle({ web, params }) {
    const schedule = await web.database.write((db) => setPaused(db, params.id, true, web.clock.now()))
    return { success: true as const, schedule: json(schedule) }
  },
})

/** What a schedule does by itself after a call: its secrets are asked for as when it was made. */
const startsAgain = {
  params: idParams,
  body: z.strictObject({ password }).default({}),
  access: operator,
  tag,
}

const resumeRoute = defineRoute({
  ...startsAgain,
  method: 'post',
  path: '/api/schedules/:id/resume',
  summary: 'Let it come again, from its next time on',
  reply: changed,
  async handle({ web, params, body, caller, address }) {
    const { secrets = [] } = (await getSchedule(web.database.kysely, params.id)).task
    await requireForSecrets(web, caller!, { secrets, ...body, address })
    const schedule = await web.database.write((db) => setPaused(db, params.id, false, web.clock.now()))
    return { success: true as const, schedule: json(schedule) }
  },
})

const runRoute = defineRoute({
  ...startsAgain,
  method: 'post',
  path: '/api/schedules/:id/run',
  summary: 'Hand its task in now, besides its times',
  reply: z.object({ success: z.literal(true), task_id: z.number() }),
  async handle({ web, params, body, caller, address }) {
    const { secrets = [] } = (await getSchedule(web.database.kysely, params.id)).task
    await requireForSecrets(web, caller!, { secrets, ...body, address })
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
  changeRoute,
  pauseRoute,
  resumeRoute,
  runRoute,
  deleteRoute,
]
