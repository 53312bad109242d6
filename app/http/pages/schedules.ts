import { z } from 'zod'
import type { Schedule } from '../../core/schedule.ts'
import { getSchedule, listSchedules } from '../../db/schedule.ts'
import { ownTimeZone } from '../../tasks/schedules.ts'
import { definePage, type Page } from '../page.ts'
import { operator } from '../routes/tasks/queue.ts'
import { isRecent } from '../routes/vault/recent-login.ts'
import { idParams, idSchema } from '../schemas/list.ts'
import { taskChoices } from './task-forms.ts'

/** Tasks that come again and again. */
export const schedulesPage: Page = definePage({
  path: '/schedules',
  name: 'schedules',
  area: 'queue',
  topics: ['tasks'],
  async load({ web, caller }) {
    const schedules = await listSchedules(web.database.kysely)
    const isOld = !isRecent(caller!, web.clock.now())
    const asks = ({ task }: Schedule) => isOld && (task.secrets ?? []).length > 0
    return { title: 'Schedules', schedules: schedules.map((each) => ({ ...each, asks: asks(each) })) }
  },
})

export const newSchedulePage: Page = definePage({
  path: '/schedules/new',
  name: 'schedule-form',
  area: 'queue',
  access: operator,
  async load({ web, caller }) {
    const api = 'post /api/schedules'
    return {
      title: 'New schedule',
      api,
      timeZone: ownTimeZone(),
      data: '{"command": "uptime"}',
      ...(await taskChoices(web, caller!)),
    }
  },
})

export const editSchedulePage: Page = definePage({
  path: '/schedules/:id/edit',
  name: 'schedule-form',
  area: 'queue',
  access: operator,
  params: idParams,
  async load({ web, caller, params: { id } }) {
    const schedule = await getSchedule(web.database.kysely, id)
    return {
      title: `Change ${schedule.name}`,
      api: `patch /api/schedules/${id}`,
      schedule,
      timeZone: schedule.timeZone,
      data: JSON.stringify(schedule.task.data, null, 2),
      ...(await taskChoices(web, caller!)),
    }
  },
})

const words = {
  run: { title: 'Run', done: 'Task {task_id} waits.', word: 'Run now' },
  resume: { title: 'Resume', done: 'It comes again.', word: 'Resume' },
} as const

/** Where the login is not recent, what begins with secrets takes the password. */
export const startSchedulePage: Page = definePage({
  path: '/schedules/:id/start/:word',
  name: 'with-password',
  area: 'queue',
  access: operator,
  params: z.object({ id: idSchema, word: z.enum(['run', 'resume']) }),
  async load({ web, params: { id, word } }) {
    const { name, task } = await getSchedule(web.database.kysely, id)
    const { title, ...form } = words[word]
    return {
      title: `${title} ${name}`,
      about: `Its task gets ${(task.secrets ?? []).join(', ')}.`,
      form: { ...form, api: `post /api/schedules/${id}/${word}` },
      back: '/schedules',
    }
  },
})
