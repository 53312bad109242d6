import { systemClock } from '../../core/clock.ts'
import type { LogPart, Task, TaskId } from '../../core/task.ts'
import type { TasksDesk } from './desk.ts'

/** How often it is looked for more, in ms. */
const lookEveryMs = 500

/**
 * Writes the log of a task's last run as it comes, and of those that follow it, until the task is over or `signal`
 * aborts. Returns the task as it is then.
 */
export async function followLog(
  desk: TasksDesk,
  id: TaskId,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<Task> {
  let [at, number] = [0, 0]
  for (;;) {
    // Before the log: what it says of a task that is over is all of it.
    const { task, runs } = await desk.show(id)
    number ||= runs[0]?.number ?? 0
    for (const run of runs.toReversed().filter((each) => each.number >= number)) {
      if (run.number > number) [at, number] = [0, run.number]
      const { parts } = await desk.log(id, { run: number, from: at })
      write(textOf(parts, at))
      at = endOf(parts) ?? at
    }
    if (task.endedAt !== null || signal.aborted) return task
    await systemClock.sleep(lookEveryMs, signal)
  }
}

/** What stands from byte `at` on, with a line where something was left out. */
export function textOf(parts: readonly LogPart[], at = 0): string {
  let [text, from] = ['', at]
  for (const part of parts) {
    if (part.at > from) text += `[… ${part.at - from} bytes are not kept …]\n`
    text += part.text
    from = part.at + part.bytes
  }
  return text
}

function endOf(parts: readonly LogPart[]): number | undefined {
  const last = parts.at(-1)
  return last && last.at + last.bytes
}
