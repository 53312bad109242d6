import { endStates, type Prompt, type PromptId } from '../../core/prompt.ts'
import { getPrompt } from '../../db/prompts.ts'
import { runUntilSignal } from '../../process.ts'
import type { Records } from '../../records.ts'
import { endOfLog, followEvents } from '../output/follow.ts'
import { toJson } from '../../json.ts'
import { describeEvent } from '../output/news.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withDatabase } from '../with.ts'
import { reportResult } from './result.ts'
import { assignerRuns, startHint } from './start.ts'

/** `--watch ID`: says what happens to a prompt until it ends. Exit code 0 when it completed, 1 otherwise. */
export async function followPrompt(id: PromptId, options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase((records) => followToEnd(records, id, output, { quiet: false }))
}

/** `quiet`: only the result. With `--json` each event is a line of its own and the result is the last one. */
export async function followToEnd(
  records: Records,
  id: PromptId,
  output: Output,
  { quiet }: { quiet: boolean },
): Promise<void> {
  const { database, config } = records
  const cursor = await endOfLog(database)
  let prompt = await getPrompt(database.kysely, id)
  if (!hasEnded(prompt) && !assignerRuns(config)) output.remark(startHint)
  if (!quiet && !output.json) output.line(nowInWords(prompt))
  await runUntilSignal(async (signal) => {
    if (hasEnded(prompt)) return
    for await (const event of followEvents(database, cursor, signal, {
      noun: 'prompt',
      nounId: String(id),
    })) {
      prompt = await getPrompt(database.kysely, id)
      if (!quiet && output.json) output.document({ event: toJson(event) })
      else if (!quiet) sayEvent(output, describeEvent(event, prompt), event.at)
      if (hasEnded(prompt)) return
    }
  })
  await reportResult(records, prompt, output)
}

function hasEnded({ state }: Prompt): boolean {
  return endStates.some((end) => end === state)
}

function nowInWords({ id, state, waitingFor }: Prompt): string {
  return `prompt ${id} is ${state}${state === 'pending' && waitingFor !== null ? `: ${waitingFor}` : ''}`
}

function sayEvent(output: Output, line: string | null, at: number) {
  const time = new Date(at).toLocaleTimeString('sv')
  if (line !== null) output.line(`${output.palette.dim(time)} ${line}`)
}
