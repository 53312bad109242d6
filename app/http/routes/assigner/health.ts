import { z } from 'zod'
import { promptStates, type Prompt } from '../../../core/prompt.ts'
import { getControls } from '../../../db/controls.ts'
import { endedPerSlot, oldestWaiting } from '../../../db/figures.ts'
import { listPrompts } from '../../../db/prompts.ts'
import { assignerRuns } from '../../assigner-runs.ts'
import { defineRoute, type Route } from '../../route.ts'

const hourMs = 3_600_000

const runningSchema = z.object({
  prompt_id: z.number(),
  state: z.enum(promptStates),
  session: z.string().nullable(),
  running_ms: z.number().nullable(),
  timeout_minutes: z.number(),
  overdue: z
    .boolean()
    .describe('runs for longer than its timeout; time in dialogs and limits is not counted there'),
  attention: z.string().nullable(),
})

export const healthRoute: Route = defineRoute({
  method: 'get',
  path: '/api/assigner/tasks/health',
  tag: 'Assigner',
  summary: 'Whether work flows: what runs too long, what failed, what nobody takes',
  access: { role: 'viewer', scope: 'read' },
  reply: z.object({
    healthy: z.boolean(),
    problems: z.array(z.string()).describe('sentences for a person; none when all is well'),
    running: z.array(runningSchema),
    last_hour: z.object({ completed: z.number(), failed: z.number(), cancelled: z.number() }),
    oldest_waiting_since: z.number().nullable(),
  }),
  async handle({ web }) {
    const db = web.database.kysely
    const now = web.clock.now()
    const [live, ended, oldest, controls] = await Promise.all([
      listPrompts(db, { states: ['assigned', 'in_progress', 'restarting'], limit: 200 }),
      endedPerSlot(db, now - hourMs, hourMs * 2),
      oldestWaiting(db),
      getControls(db),
    ])
    const endedAs = (state: string) =>
      ended.filter((slot) => slot.state === state).reduce((sum, { count }) => sum + count, 0)
    const running = live.items.map((prompt) => runningNow(prompt, now))
    const waitsForNobody = oldest !== null && !assignerRuns(web) && !controls.paused
    const problems = [
      ...(waitsForNobody ? ['Prompts wait and no assigner runs; ./deploy.sh starts one.'] : []),
      ...running.flatMap(({ prompt_id, attention }) =>
        attention === null ? [] : [`Prompt ${prompt_id}: ${attention}`],
      ),
      ...running.flatMap(({ prompt_id, overdue }) =>
        overdue ? [`Prompt ${prompt_id} runs for longer than its timeout.`] : [],
      ),
    ]
    return {
      healthy: problems.length === 0,
      problems,
      running,
      last_hour: {
        completed: endedAs('completed'),
        failed: endedAs('failed'),
        cancelled: endedAs('cancelled'),
      },
      oldest_waiting_since: oldest,
    }
  },
})

function runningNow(prompt: Prompt, now: number) {
  const { id, state, sessionName, startedAt, timeoutMinutes, attention } = prompt
  const runningMs = startedAt === null ? null : now - startedAt
  return {
    prompt_id: id,
    state,
    session: sessionName,
    running_ms: runningMs,
    timeout_minutes: timeoutMinutes,
    overdue: runningMs !== null && runningMs > timeoutMinutes * 60_000,
    attention,
  }
}
