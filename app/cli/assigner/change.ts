import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Prompt } from '../../core/prompt.ts'
import {
  approve,
  cancel,
  clear,
  drain,
  interrupt,
  pause,
  reassign,
  reject,
  resolveDoubt,
  resume,
  retry,
  retryAll,
  suspend,
} from '../../broker/commands.ts'
import { UsageError } from '../failure.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { requireSession } from '../sessions/named.ts'
import type { AssignerAction, AssignerOptions } from './options.ts'
import { assignerRuns, startHint } from './start.ts'

/** The sentence that a change is answered with, and the data behind it. */
interface Answer {
  sentence: string
  data: Record<string, unknown>
}

type Change = Exclude<
  AssignerAction,
  'send' | 'file' | 'prompts' | 'sessions' | 'status' | 'result' | 'watch' | 'daemon' | 'stop'
>

/** Changes the queue, whether or not an assigner runs; says so when none does. */
export async function changeQueue(action: Change, options: AssignerOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { sentence, data } = await changes[action](records, options, records.clock.now())
    const runs = assignerRuns(records.config)
    if (output.json) return output.document({ success: true, ...data, assigner_running: runs })
    output.line(sentence)
    if (!runs && needsAssigner.has(action)) output.line(startHint)
  })
}

const needsAssigner = new Set<Change>(['retry', 'retryAll', 'reassign', 'approve', 'interrupt', 'resume'])

type Doing = (records: Records, options: AssignerOptions, now: EpochMs) => Promise<Answer>

const changes: Record<Change, Doing> = {
  retry: async ({ database }, { retry: id }, now) =>
    about(await retry(database, id!, now), 'is queued again'),
  retryAll: async ({ database }, _, now) => aboutRetries(await retryAll(database, now)),
  reassign: reassignPrompt,
  cancel: async ({ database }, { cancel: id }, now) =>
    about(await cancel(database, id!, now), 'is cancelled'),
  interrupt: async ({ database }, options, now) =>
    about(await interrupt(database, options.interrupt!, now), 'is being interrupted'),
  approve: async ({ database }, options, now) =>
    about(await approve(database, options.approve!, now), 'is approved and queued'),
  reject: async ({ database }, options, now) =>
    about(await reject(database, options.reject!, now), 'is rejected'),
  resolve: resolvePrompt,
  suspend: suspendPrompt,
  clear: clearQueue,
  pause: (records, options) =>
    pauseOrResume(records, pause, options.pause!, 'is paused: no prompt is given out'),
  resume: (records, options) => pauseOrResume(records, resume, options.resume!, 'is open again'),
  drain: async ({ database }, _, now) => {
    await drain(database, now)
    const sentence = 'What runs is finished; nothing new starts until --resume.'
    return { sentence, data: { draining: true } }
  },
}

function about(prompt: Prompt, fact: string): Answer {
  return { sentence: `Prompt ${prompt.id} ${fact}.`, data: { prompt_id: prompt.id, prompt: toJson(prompt) } }
}

function aboutRetries(ids: number[]): Answer {
  const list = ids.map((id) => `#${id}`).join(', ')
  const sentence = ids.length > 0 ? `Queued again: ${list}.` : 'No failed prompt has retries left.'
  return { sentence, data: { prompt_ids: ids } }
}

async function reassignPrompt(records: Records, options: AssignerOptions, now: EpochMs): Promise<Answer> {
  const { reassign: id, to } = options
  const session = to === undefined ? null : await requireSession(records, to)
  const prompt = await reassign(records.database, id!, session, now)
  return about(prompt, `is queued again for ${session ?? 'anyone who fits'}`)
}

async function resolvePrompt({ database }: Records, options: AssignerOptions, now: EpochMs): Promise<Answer> {
  const { resolve, as } = options
  if (as === undefined) throw new UsageError('--resolve needs --as completed, --as failed or --as retry.')
  const prompt = await resolveDoubt(database, resolve!, as, now)
  return about(prompt, as === 'retry' ? 'is queued again' : `counts as ${prompt.state}`)
}

async function suspendPrompt({ database }: Records, options: AssignerOptions, now: EpochMs): Promise<Answer> {
  const { suspend: id, summary } = options
  const follow = { summary: summary ?? null, requiresFollowUp: summary !== undefined }
  return about(await suspend(database, id!, follow, now), 'survives the restart')
}

async function clearQueue({ database }: Records, { days }: AssignerOptions, now: EpochMs): Promise<Answer> {
  const count = await clear(database, days === undefined ? {} : { days }, now)
  const what = count === 1 ? '1 completed or cancelled prompt' : `${count} completed or cancelled prompts`
  return { sentence: `Deleted ${what}.`, data: { deleted: count } }
}

async function pauseOrResume(
  records: Records,
  doIt: typeof pause,
  which: string | true,
  fact: string,
): Promise<Answer> {
  const { database, clock, config } = records
  const session = which === true ? null : await requireSession(records, which)
  if (session?.includes('/'))
    throw new AppError('invalid', `Name the session without its node, not "${session}".`)
  await doIt(database, config.node, session, clock.now())
  const subject = session === null ? 'The queue' : `Session ${session}`
  return { sentence: `${subject} ${fact}.`, data: { session } }
}
