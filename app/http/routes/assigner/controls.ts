import { z } from 'zod'
import { clear, drain, pause, resume, retryAll } from '../../../broker/commands.ts'
import { getControls } from '../../../db/controls.ts'
import { defineRoute, type Route } from '../../route.ts'
import type { Web } from '../../web.ts'
import { namedSession } from './sessions.ts'

const shared = {
  method: 'post',
  tag: 'Assigner',
  access: { role: 'operator', scope: 'prompts' },
} as const

const switched = z.object({
  success: z.literal(true),
  session: z.string().nullable().describe('null: the whole queue'),
  paused: z.boolean(),
  draining: z.boolean(),
})

const whichSession = z.strictObject({
  session: z.string().min(1).max(500).nullish().describe('only this session; without it the whole queue'),
})

function switching(word: 'pause' | 'resume', summary: string, doIt: typeof pause): Route {
  return defineRoute({
    ...shared,
    path: `/api/assigner/${word}`,
    summary,
    body: whichSession,
    reply: switched,
    async handle(call) {
      const { web } = call
      const wanted = call.body.session
      const { node, name } = wanted ? await namedSession(web, wanted) : { node: '', name: null }
      await doIt(web.database, node, name, web.clock.now())
      return { success: true as const, session: name, ...(await switches(web)) }
    },
  })
}

const drainRoute = defineRoute({
  ...shared,
  path: '/api/assigner/drain',
  summary: 'Finish what runs, start nothing new until it is resumed',
  body: z.strictObject({}),
  reply: switched,
  async handle(call) {
    await drain(call.web.database, call.web.clock.now())
    return { success: true as const, session: null, ...(await switches(call.web)) }
  },
})

async function switches(web: Web) {
  const { paused, draining } = await getControls(web.database.kysely)
  return { paused, draining }
}

const retryAllRoute = defineRoute({
  ...shared,
  path: '/api/assigner/retry-all',
  summary: 'Queue every failed prompt again that has retries left',
  body: z.strictObject({}),
  reply: z.object({ success: z.literal(true), prompt_ids: z.array(z.number()) }),
  async handle(call) {
    const ids = await retryAll(call.web.database, call.web.clock.now())
    return { success: true as const, prompt_ids: ids }
  },
})

const clearRoute = defineRoute({
  ...shared,
  path: '/api/assigner/clear',
  summary: 'Delete completed and cancelled prompts with their attempts',
  body: z.strictObject({
    days: z.number().int().min(0).max(36_500).nullish().describe('only those that ended before'),
  }),
  reply: z.object({ success: z.literal(true), deleted: z.number() }),
  async handle(call) {
    const { days } = call.body
    const filter = days === undefined || days === null ? {} : { days }
    return { success: true as const, deleted: await clear(call.web.database, filter, call.web.clock.now()) }
  },
})

export const controlRoutes: readonly Route[] = [
  switching('pause', 'Give out no prompts, at all or to one session', pause),
  switching('resume', 'Undo pause and drain', resume),
  drainRoute,
  retryAllRoute,
  clearRoute,
]
