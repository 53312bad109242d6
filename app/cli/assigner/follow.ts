import { endStates, type Prompt, type PromptId } from '../../core/prompt.ts'
import { runUntilSignal } from '../../process.ts'
import type { Desk } from '../desk/desk.ts'
import { toJson } from '../../json.ts'
import { describeEvent } from '../output/news.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withDesk } from '../with.ts'
import { reportResult } from './result.ts'

/** `--watch ID`: says what happens to a prompt until it ends. Exit code 0 when it completed, 1 otherwise. */
export async function followPrompt(id: PromptId, options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk((desk) => followToEnd(desk, id, output, { quiet: false }))
}

/** `quiet`: only the result. With `--json` each event is a line of its own and the result is the last one. */
export async function followToEnd(
  desk: Desk,
  id: PromptId,
  output: Output,
  { quiet }: { quiet: boolean },
): Promise<void> {
  const cursor = await desk.endOfLog()
  let prompt = await desk.prompt(id)
  if (!hasEnded(prompt) && !(await desk.assignerRuns())) output.remark(desk.startHint)
  if (!quiet && !output.json) output.line(nowInWords(prompt))
  await runUntilSignal(async (signal) => {
    if (hasEnded(prompt)) return
    for await (const event of desk.follow(cursor, signal, { noun: 'prompt', nounId: String(id) })) {
      prompt = await desk.prompt(id)
      if (!quiet && output.json) output.document({ event: toJson(event) })
      else if (!quiet) sayEvent(output, describeEvent(event, prompt), event.at)
      if (hasEnded(prompt)) return
    }
  })
  await reportResult(desk, prompt, output)
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
