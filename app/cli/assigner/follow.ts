import { endStates, type Prompt, type PromptId } from '../../core/prompt.ts'
import { getPrompt } from '../../db/prompts.ts'
import { runUntilSignal } from '../../process.ts'
import { endOfLog, followEvents, promptOf } from '../output/follow.ts'
import { describeEvent } from '../output/news.ts'
import { toJson } from '../output/json.ts'
import { openOutput, type Output } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { renderMoment } from '../output/time.ts'
import { assignerRuns, startHint } from './start.ts'
import { showAnswer } from './result.ts'

/** `--watch ID`: says what happens to a prompt until it ends. Exit code 0 when it completed, 1 otherwise. */
export async function followPrompt(id: PromptId, options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase((records) => followToEnd(records, id, output))
}

export async function followToEnd(records: Records, id: PromptId, output: Output): Promise<void> {
  const { database, config } = records
  const cursor = await endOfLog(database)
  let prompt = await getPrompt(database.kysely, id)
  if (!hasEnded(prompt) && !assignerRuns(config)) output.remark(startHint)
  if (!output.json)
    output.line(`prompt ${id} is ${prompt.state}${prompt.waitingFor ? `: ${prompt.waitingFor}` : ''}`)
  await runUntilSignal(async (signal) => {
    if (hasEnded(prompt)) return
    const events = followEvents(database, cursor, signal, { noun: 'prompt', nounId: String(id) })
    for await (const event of events) {
      prompt = await getPrompt(database.kysely, id)
      if (output.json) output.document({ event: toJson(event), prompt: toJson(prompt) })
      else sayEvent(output, describeEvent(event, await promptOf(database, event)), event.at)
      if (hasEnded(prompt)) return
    }
  })
  if (!output.json) await showAnswer(records, prompt, output)
  process.exitCode = prompt.state === 'completed' ? 0 : 1
}

export function hasEnded({ state }: Prompt): boolean {
  return endStates.some((end) => end === state)
}

function sayEvent(output: Output, line: string | null, at: number) {
  if (line !== null) output.line(`${output.palette.dim(renderMoment(at, at))} ${line}`)
}
