import type { LoggedEvent } from '../../core/event.ts'
import { runUntilSignal } from '../../process.ts'
import type { Desk } from '../desk/desk.ts'
import { promptOf } from '../output/follow.ts'
import { toJson } from '../../json.ts'
import { describeEvent } from '../output/news.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withDesk } from '../with.ts'

/** `terminal --watch`: everything that happens, as lines, until Ctrl-C. */
export async function watchEverything(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    if (!(await desk.assignerRuns())) output.remark(desk.startHint)
    if (!output.json) output.remark('Watching; Ctrl-C ends it.')
    await runUntilSignal((signal) => sayNews(desk, output, signal, () => true))
  })
}

/** Says each event that `wanted` lets through, soon after it happened, until `signal` aborts. */
export async function sayNews(
  desk: Desk,
  output: Output,
  signal: AbortSignal,
  wanted: (event: LoggedEvent) => boolean,
): Promise<void> {
  for await (const event of desk.follow(await desk.endOfLog(), signal)) {
    if (!wanted(event)) continue
    if (output.json) {
      output.document(toJson(event))
      continue
    }
    const line = describeEvent(event, await promptOf(desk, event))
    const time = new Date(event.at).toLocaleTimeString('sv')
    if (line !== null) output.line(`${output.palette.dim(time)} ${line}`)
  }
}
