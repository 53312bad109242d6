import { resolve } from 'node:path'
import { submit } from '../../broker/commands.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { NewPrompt, Prompt, Target } from '../../core/prompt.ts'
import { parseMoment } from '../arguments.ts'
import { UsageError } from '../failure.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { requireSession } from '../sessions/named.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { followToEnd } from './follow.ts'
import type { AssignerOptions } from './options.ts'
import { readPromptSource } from './prompt-source.ts'
import { assignerRuns, startHint } from './start.ts'

/** `--send` and `--file`: queues one prompt, and follows it when `--watch` or `--result` stands beside. */
export async function sendPrompt(options: AssignerOptions): Promise<void> {
  const output = openOutput(options)
  const content = await readPromptSource(options)
  await withDatabase(async (records) => {
    const { database, clock } = records
    const target = await targetOf(options, records)
    const input = newPrompt(content, target, options, clock.now())
    const { prompt, created } = await submit(database, input, clock.now())
    if (options.watch !== undefined || options.result !== undefined) {
      return followToEnd(records, prompt.id, output, { quiet: options.watch === undefined })
    }
    report(output, prompt, created, assignerRuns(records.config))
  })
}

/** Session names are checked now, while somebody is there to correct them. */
async function targetOf(options: AssignerOptions, records: Records): Promise<Target> {
  const { target, provider, dir, tag, tier } = options
  return {
    ...(target !== undefined && { session: await requireSession(records, target) }),
    ...(provider !== undefined && { agent: provider }),
    ...(dir !== undefined && { dir: resolve(dir) }),
    ...(tag !== undefined && { tag }),
    ...(tier !== undefined && { tier }),
  }
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

function report(output: Output, prompt: Prompt, created: boolean, running: boolean) {
  if (output.json) {
    const facts = { prompt_id: prompt.id, success: true, created, assigner_running: running }
    return output.document({ ...facts, prompt: toJson(prompt) })
  }
  if (!created) return output.line(`This is prompt ${prompt.id} already (${prompt.state}): same --key.`)
  const staged = prompt.state === 'staged' ? ` It waits for --approve ${prompt.id}.` : ''
  output.line(`Queued as prompt ${prompt.id}.${staged}${running ? '' : ` ${startHint}`}`)
}
