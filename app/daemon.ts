import { spawn, type ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { type Clock, systemClock } from './core/clock.ts'
import { AppError } from './core/errors.ts'
import { runningInstance } from './single-instance.ts'

/** A start that takes longer than this is looked into by a person. */
const startLimitMs = 60_000

/**
 * Starts a `*.main` program that outlives this process and its terminal, and waits until it says that it works.
 * Throws `unavailable` with the program's own reason when it ends before.
 */
export async function startDaemon(
  program: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<{ pid: number; note: string | null }> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const answer = await firstAnswer(child)
  if (child.connected) child.disconnect()
  child.unref()
  if (!answer.ready) throw new AppError('unavailable', answer.reason)
  return { pid: child.pid ?? 0, note: answer.note ?? null }
}

/**
 * In the daemon: tells the starter that the work has begun, and what only the person who started it should read.
 * Nothing happens when nobody waits for it.
 */
export function sayReady(note?: string): Promise<void> {
  return answerStarter({ ready: true, note })
}

/** In the daemon: tells the starter why there will be no work. */
export function sayFailed(reason: string): Promise<void> {
  return answerStarter({ ready: false, reason })
}

/** What stopping takes at most: ending an attempt's step, then giving everything back. */
const stopLimitMs = 20_000

/** Asks the one process of this data folder to end and waits for it. `null`: none was running. */
export async function stopDaemon(
  dataDir: string,
  name: string,
  clock: Clock = systemClock,
): Promise<{ pid: number } | null> {
  const instance = runningInstance(dataDir, name)
  if (!instance) return null
  process.kill(instance.pid, 'SIGTERM')
  const limit = clock.now() + stopLimitMs
  while (runningInstance(dataDir, name)?.pid === instance.pid) {
    if (clock.now() > limit) {
      throw new AppError(
        'unavailable',
        `The ${name} (pid ${instance.pid}) has not ended ${stopLimitMs / 1000} s after it was asked to. ` +
          `It can be ended without harm to the queue: kill -9 ${instance.pid}. Its log: ${instance.log}`,
      )
    }
    await clock.sleep(50)
  }
  return { pid: instance.pid }
}

const answerSchema = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal(true), note: z.string().optional() }),
  z.object({ ready: z.literal(false), reason: z.string() }),
])
type Answer = z.infer<typeof answerSchema>

function firstAnswer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const fail = (reason: string) => settle({ ready: false, reason })
    const timer = setTimeout(
      () => fail(`It has not begun to work within ${startLimitMs / 1000} s (pid ${child.pid}).`),
      startLimitMs,
    )
    child.once('message', (message) => settle(answerSchema.parse(message)))
    child.once('error', (error) => fail(`It could not be started: ${error.message}.`))
    child.once('exit', (code, signal) => fail(`It ended at once (${signal ?? `exit code ${code}`}).`))
  })
}

function answerStarter(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve()
    process.send(answer, undefined, undefined, () => {
      if (process.connected) process.disconnect()
      resolve()
    })
  })
}
