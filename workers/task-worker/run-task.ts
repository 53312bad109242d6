import { z } from 'zod'
import { AppError, isAppError, messageOf } from '../../app/core/errors.ts'
import { maskText, maskTexts, maskValues, unfinishedFrom } from '../../app/core/masking.ts'
import { leaseMs } from '../../app/core/queue.ts'
import { endsWithin } from '../../app/core/signals.ts'
import type { LogPart, RunEnd, Task } from '../../app/core/task.ts'
import { problemsOf } from '../../app/tasks/problems.ts'
import type { Claim, NamedRun } from '../../app/tasks/work.ts'
import type { FailOutcome, TaskDesk } from './desk.ts'
import type { Guard } from './guard.ts'
import { RunFailed, type RunCommand, type TaskHandler, type TaskRunContext } from './handler.ts'
import { LogPipe } from './log-pipe.ts'
import { killMarked, markVariable } from './processes.ts'
import { runProgram } from './program.ts'
import { environmentOf, openFolder, plainEnvironment } from './surroundings.ts'

/** Why a run is ended before its work is. `fenced`: it is not the worker's any more, and nothing is said of it. */
export type Stop = 'cancelled' | 'timed_out' | 'shutdown' | 'fenced'

/** How a run came out. */
export type Came =
  | { outcome: 'completed'; end: RunEnd }
  | { outcome: FailOutcome; end: RunEnd & { mayRetry?: boolean } }
  | { outcome: 'fenced' }

export interface RunTools {
  desk: TaskDesk
  guard: Guard
  dataDir: string
  /** Whose programs they are, in marks. */
  workerMark: string
  /** Asks the desk again while it can't be reached, until `until` aborts. */
  insist: <T>(until: AbortSignal, work: () => Promise<T>) => Promise<T>
  handlerOf: (type: string) => TaskHandler | undefined
}

/** A handler that does not end although it was told to is left alone after this; its programs are killed. In ms. */
const abandonAfterMs = 15_000
/** Of a program's output so much is at hand for its handler, in bytes. */
const outputBytes = 200_000

/** Does one claimed task, up to what came of it. Never throws: whatever goes wrong is the run's end. */
export async function doTask({ task, run }: Claim, tools: RunTools, stop: AbortSignal): Promise<Came> {
  const held: NamedRun = { id: run.id, leaseEpoch: run.leaseEpoch, taskId: task.id }
  const mark = `${tools.workerMark}:${run.id}`
  const send = (parts: readonly LogPart[]) => tools.desk.addLog(held, parts)
  const log = new LogPipe(send, (parts) => tools.insist(stop, () => send(parts)))
  using limit = withTimeout(task.timeoutMs, stop)
  const secretsOwner = Symbol(`run ${run.id}`)
  let peakMemoryBytes = 0
  try {
    using folder = openFolder(task.dir, tools.dataDir, run.id)
    const secrets = await secretsOf(task, held, tools, { owner: secretsOwner, until: limit.signal })
    const context: TaskRunContext = {
      signal: limit.signal,
      dir: folder.path,
      log: (text) => log.line(text),
      async run(command) {
        const chunks: Buffer[] = []
        let bytes = 0
        const ended = await runProgram(
          {
            ...command,
            dir: command.dir ?? folder.path,
            env: envOf(task, mark, command, secrets),
            onOutput(chunk) {
              if (bytes < outputBytes) chunks.push(chunk)
              bytes += chunk.length
            },
          },
          {
            signal: limit.signal,
            mark,
            onOutput: (chunk, from) => log.write(chunk, from),
            watch: (group) => tools.guard.watch(group),
            forget: (group) => tools.guard.forget(group),
          },
        )
        peakMemoryBytes = Math.max(peakMemoryBytes, ended.peakMemoryBytes)
        return { ...ended, output: outputOf(chunks, bytes) }
      },
    }
    const end = await unlessAbandoned(handle(task, tools, context), limit.signal)
    return { outcome: 'completed', end: maskTexts({ ...end, peakMemoryBytes }) }
  } catch (error) {
    return maskTexts(cameOf(error, limit.signal, task, peakMemoryBytes))
  } finally {
    if (limit.signal.aborted) killMarked(mark)
    await log.end()
    maskValues(secretsOwner, [])
  }
}

async function handle(task: Task, { handlerOf }: RunTools, context: TaskRunContext): Promise<RunEnd> {
  const handler = handlerOf(task.type)
  if (!handler) throw new AppError('invalid', `This worker has no handler for the type "${task.type}".`)
  const read = handler.data.safeParse(task.data)
  if (!read.success) {
    throw new AppError('invalid', `The data does not fit the type ${task.type}: ${problemsOf(read.error)}`)
  }
  return handler.handle(read.data, context)
}

/** A desk that is away is waited for as long as the lease may last; one that gives none says why. */
async function secretsOf(
  task: Task,
  run: NamedRun,
  { desk, insist }: RunTools,
  { owner, until }: { owner: symbol; until: AbortSignal },
) {
  if (task.secrets.length === 0) return {}
  using limit = endsWithin(leaseMs, until)
  const secrets = await insist(limit.signal, () => desk.secrets(run))
  maskValues(
    owner,
    Object.entries(secrets).map(([name, value]) => ({ name, value })),
  )
  return secrets
}

/** As far as it is kept, masked; where it was cut, without what may be the beginning of a value. */
function outputOf(chunks: readonly Buffer[], bytes: number): string {
  const kept = Buffer.concat(chunks).subarray(0, outputBytes).toString()
  return maskText(bytes > outputBytes ? kept.slice(0, unfinishedFrom(kept)) : kept)
}

/** A task sets what it likes but the mark, by which its programs are found. */
function envOf(task: Task, mark: string, { outlives, env }: RunCommand, secrets: Record<string, string>) {
  if (outlives) return { ...plainEnvironment(), ...env }
  const own = environmentOf({ taskId: task.id, mark })
  return { ...own, ...secrets, ...env, [markVariable]: mark }
}

function withTimeout(ms: number, stop: AbortSignal): Disposable & { signal: AbortSignal } {
  const own = new AbortController()
  const end = (why: Stop) => own.abort(why)
  const timer = setTimeout(() => end('timed_out'), ms)
  const follow = () => end(stop.reason as Stop)
  if (stop.aborted) follow()
  else stop.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      stop.removeEventListener('abort', follow)
    },
  }
}

/** Work in this process can't be killed: what does not heed the signal is not waited for. */
function unlessAbandoned(work: Promise<RunEnd>, signal: AbortSignal): Promise<RunEnd> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const leave = () => {
      timer = setTimeout(
        () => reject(new Error('its handler did not end when it was told to')),
        abandonAfterMs,
      )
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    })
  })
}

function cameOf(error: unknown, signal: AbortSignal, task: Task, peakMemoryBytes: number): Came {
  const known = error instanceof RunFailed ? error.end : {}
  const end = { ...known, peakMemoryBytes, reason: reasonOf(error) }
  if (!signal.aborted) {
    const isHopeless = isAppError(error, 'invalid') || error instanceof z.ZodError
    return { outcome: 'failed', end: { ...end, ...(isHopeless && { mayRetry: false }) } }
  }
  const stop = signal.reason as Stop
  if (stop === 'fenced') return { outcome: 'fenced' }
  if (stop === 'shutdown') return { outcome: 'released', end: { ...end, reason: 'its worker was stopped' } }
  if (stop === 'cancelled') return { outcome: 'cancelled', end: { ...end, reason: 'cancelled' } }
  return { outcome: 'timed_out', end: { ...end, reason: `it took longer than ${task.timeoutMs / 1_000} s` } }
}

function reasonOf(error: unknown): string {
  return error instanceof RunFailed || isAppError(error)
    ? error.message
    : `its handler failed: ${messageOf(error)}`
}
