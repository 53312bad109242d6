import { counted } from '../../core/counted.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { Desk } from '../desk/desk.ts'
import { UsageError } from '../failure.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'
import type { AssignerAction, AssignerOptions } from './options.ts'

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
  await withDesk(async (desk) => {
    const { sentence, data } = await changes[action](desk, options)
    const runs = await desk.assignerRuns()
    if (output.json) return output.document({ success: true, ...data, assigner_running: runs })
    output.line(sentence)
    if (!runs && needsAssigner.has(action)) output.line(desk.startHint)
  })
}

const needsAssigner = new Set<Change>(['retry', 'retryAll', 'reassign', 'approve', 'interrupt', 'resume'])

type Doing = (desk: Desk, options: AssignerOptions) => Promise<Answer>

const changes: Record<Change, Doing> = {
  retry: async (desk, { retry: id }) => about(await desk.retry(id!), 'is queued again'),
  retryAll: async (desk) => aboutRetries(await desk.retryAll()),
  reassign: reassignPrompt,
  cancel: async (desk, { cancel: id }) => about(await desk.cancel(id!), 'is cancelled'),
  interrupt: async (desk, { interrupt: id }) => about(await desk.interrupt(id!), 'is being interrupted'),
  approve: async (desk, { approve: id }) => about(await desk.approve(id!), 'is approved and queued'),
  reject: async (desk, { reject: id }) => about(await desk.reject(id!), 'is rejected'),
  resolve: resolvePrompt,
  suspend: suspendPrompt,
  clear: clearQueue,
  pause: async (desk, { pause }) =>
    aboutSession(await desk.pause(nameIn(pause)), 'is paused: no prompt is given out'),
  resume: async (desk, { resume }) => aboutSession(await desk.resume(nameIn(resume)), 'is open again'),
  drain: async (desk) => {
    await desk.drain()
    const sentence = 'What runs is finished; nothing new starts until --resume.'
    return { sentence, data: { draining: true } }
  },
}

/** `--pause` alone is about the whole queue. */
function nameIn(which: string | true | undefined): string | null {
  return typeof which === 'string' ? which : null
}

function aboutSession(session: string | null, fact: string): Answer {
  return { sentence: `${session === null ? 'The queue' : `Session ${session}`} ${fact}.`, data: { session } }
}

function about(prompt: Prompt, fact: string): Answer {
  return { sentence: `Prompt ${prompt.id} ${fact}.`, data: { prompt_id: prompt.id, prompt: toJson(prompt) } }
}

function aboutRetries(ids: number[]): Answer {
  const list = ids.map((id) => `#${id}`).join(', ')
  const sentence = ids.length > 0 ? `Queued again: ${list}.` : 'No failed prompt has retries left.'
  return { sentence, data: { prompt_ids: ids } }
}

async function reassignPrompt(desk: Desk, { reassign: id, to, force }: AssignerOptions): Promise<Answer> {
  const session = to === undefined ? null : await desk.requireSession(to)
  const prompt = await desk.reassign(id!, session, force ?? false)
  return about(prompt, `is queued again for ${session ?? 'anyone who fits'}`)
}

async function resolvePrompt(desk: Desk, { resolve, as }: AssignerOptions): Promise<Answer> {
  if (as === undefined) throw new UsageError('--resolve needs --as completed, --as failed or --as retry.')
  const prompt = await desk.resolve(resolve!, as)
  return about(prompt, as === 'retry' ? 'is queued again' : `counts as ${prompt.state}`)
}

async function suspendPrompt(desk: Desk, { suspend: id, summary }: AssignerOptions): Promise<Answer> {
  const follow = { summary: summary ?? null, requiresFollowUp: summary !== undefined }
  return about(await desk.suspend(id!, follow), 'survives the restart')
}

async function clearQueue(desk: Desk, { days }: AssignerOptions): Promise<Answer> {
  const count = await desk.clear(days === undefined ? {} : { days })
  const what = counted(count, 'completed or cancelled prompt')
  return { sentence: `Deleted ${what}.`, data: { deleted: count } }
}
