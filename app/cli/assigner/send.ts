import { isAbsolute, resolve } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import type { NewPrompt, Prompt, Target } from '../../core/prompt.ts'
import { parseMoment } from '../arguments.ts'
import { UsageError } from '../failure.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import type { Desk } from '../desk/desk.ts'
import { withDesk } from '../with.ts'
import { followToEnd } from './follow.ts'
import type { AssignerOptions } from './options.ts'
import { readPromptSource } from './prompt-source.ts'

/** `--send` and `--file`: queues one prompt, and follows it when `--watch` or `--result` stands beside. */
export async function sendPrompt(options: AssignerOptions): Promise<void> {
  const output = openOutput(options)
  const content = await readPromptSource(options)
  await withDesk(async (desk) => {
    const target = await targetOf(options, desk)
    const { prompt, created } = await desk.submit(newPrompt(content, target, options, Date.now()))
    if (options.watch !== undefined || options.result !== undefined) {
      return followToEnd(desk, prompt.id, output, { quiet: options.watch === undefined })
    }
    const running = await desk.assignerRuns()
    report(output, prompt, created, { running, hint: desk.startHint })
  })
}

/** Session names are checked now, while somebody is there to correct them. */
async function targetOf(options: AssignerOptions, desk: Desk): Promise<Target> {
  const { target, provider, dir, tag, tier } = options
  return {
    ...(target !== undefined && { session: await desk.requireSession(target) }),
    ...(provider !== undefined && { agent: provider }),
    ...(dir !== undefined && { dir: folderOf(dir, desk) }),
    ...(tag !== undefined && { tag }),
    ...(tier !== undefined && { tier }),
  }
}

function folderOf(dir: string, { isRemote, where }: Desk): string {
  if (isRemote && !isAbsolute(dir)) {
    throw new UsageError(`--dir takes a folder of the machine at ${where}, from its root; "${dir}" is not.`)
  }
  return resolve(dir)
}

function newPrompt(content: string, target: Target, options: AssignerOptions, now: EpochMs): NewPrompt {
  const { priority, timeout, maxRetries, metadata, notBefore, expires, key, after, followUp } = options
  if (followUp !== undefined && options.fresh) {
    throw new UsageError('A follow-up continues a conversation; --fresh would clear it.')
  }
  return {
    content,
    target,
    ...(priority !== undefined && { priority }),
    ...(timeout !== undefined && { timeoutMinutes: timeout }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(metadata !== undefined && { metadata: parseMetadata(metadata) }),
    ...(notBefore !== undefined && { notBefore: parseMoment('--not-before', notBefore, now) }),
    ...(expires !== undefined && { expiresAt: parseMoment('--expires', expires, now) }),
    ...(key !== undefined && { idempotencyKey: key }),
    ...(after !== undefined && { after }),
    ...(followUp !== undefined && { followUpOf: followUp, context: 'follow_up' as const }),
    ...(options.fresh && { context: 'fresh' as const }),
    ...(options.agentCommand && { agentCommand: true }),
    ...(options.staged && { staged: true }),
    ...(options.repeatable && { repeatable: true }),
    ...(options.kind !== undefined && { kind: options.kind }),
    ...(options.parent !== undefined && { parent: options.parent }),
    ...(options.force && { force: true }),
  }
}

function parseMetadata(text: string): Record<string, unknown> {
  const wrong = new UsageError(`--metadata takes a JSON object, like '{"ticket": 12}'; this is none: ${text}`)
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrong
    return value as Record<string, unknown>
  } catch {
    throw wrong
  }
}

function report(
  output: Output,
  prompt: Prompt,
  created: boolean,
  { running, hint }: { running: boolean; hint: string },
) {
  if (output.json) {
    const facts = { prompt_id: prompt.id, success: true, created, assigner_running: running }
    return output.document({ ...facts, prompt: toJson(prompt) })
  }
  if (!created) return output.line(`This is prompt ${prompt.id} already (${prompt.state}): same --key.`)
  const staged = prompt.state === 'staged' ? ` It waits for --approve ${prompt.id}.` : ''
  output.line(`Queued as prompt ${prompt.id}.${staged}${running ? '' : ` ${hint}`}`)
}
