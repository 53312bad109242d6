import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '../../../app/core/errors.ts'
import { programPath } from '../../../app/core/paths.ts'
import { taskTypePattern } from '../../../app/core/task.ts'
import { RunFailed, type TaskHandler } from '../handler.ts'
import { runProgram } from '../program.ts'
import { plainEnvironment } from '../surroundings.ts'
import { describedSchema, replySchema, type OwnAsk, type OwnReply } from './own-protocol.ts'

/** A module that says nothing for so long at its import is not served. In ms. */
const describeWithinMs = 15_000

/**
 * Handlers of this installation's own: each module in the folder, `NAME.mjs` or `NAME.js`, is one. They are read and
 * run in processes of their own, so that nothing in them holds up the worker, and a change counts from the next run.
 */
export async function loadOwnHandlers(
  folder: string,
  taken: readonly string[],
  nodeFlags: readonly string[],
): Promise<{ handlers: TaskHandler[]; problems: string[] }> {
  const handlers: TaskHandler[] = []
  const problems: string[] = []
  for (const file of modulesIn(folder)) {
    try {
      const handler = await load(join(folder, file), nodeFlags)
      const others = [...taken, ...handlers.map(({ type }) => type)]
      if (others.includes(handler.type)) throw new AppError('invalid', `its type "${handler.type}" is taken`)
      handlers.push(handler)
    } catch (error) {
      problems.push(`The handler ${file} is not served: ${messageOf(error)}`)
    }
  }
  return { handlers, problems }
}

function modulesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^[^.].*\.m?js$/.test(name))
    .sort()
}

async function load(file: string, nodeFlags: readonly string[]): Promise<TaskHandler> {
  const described = describedSchema.parse(
    await ask(runner({ do: 'describe', file }, nodeFlags), describeWithinMs),
  )
  if (!taskTypePattern.test(described.type))
    throw new AppError('invalid', `"${described.type}" can't be a type`)
  const { type, about, timeoutSeconds, maxRetries } = described
  return {
    type,
    about,
    data: z.record(z.string(), z.unknown()).meta(described.schema ?? {}),
    ...(timeoutSeconds !== undefined && { timeoutMs: timeoutSeconds * 1_000 }),
    ...(maxRetries !== undefined && { maxRetries }),
    async handle(data, { run }) {
      let reply: OwnReply | null = null
      const ended = await run({
        ...runner({ do: 'run', file, data }, nodeFlags),
        onMessage(message) {
          reply = answerIn(message) ?? reply
        },
      })
      return endOf(reply, ended)
    },
  }
}

/** null: a message of the module's own, as libraries send them that find a channel to a parent. */
function answerIn(message: unknown): OwnReply | null {
  return replySchema.safeParse(message).data ?? null
}

function endOf(
  reply: OwnReply | null,
  { exitCode, signal }: { exitCode: number | null; signal: string | null },
) {
  if (reply && 'result' in reply) return { exitCode: 0, result: reply.result ?? null }
  if (reply && 'failed' in reply) {
    throw new RunFailed(reply.failed, { exitCode: 1, ...(reply.retry === false && { mayRetry: false }) })
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`
  throw new RunFailed(`its handler ${how} without an answer`, { exitCode, signal })
}

function runner(ask: OwnAsk, nodeFlags: readonly string[]) {
  return {
    program: process.execPath,
    args: [...nodeFlags, programPath('workers/task-handler')],
    input: JSON.stringify(ask),
  }
}

/** Throws `invalid` with what the module says that is wrong, or that it says nothing. */
async function ask(question: ReturnType<typeof runner>, withinMs: number): Promise<unknown> {
  let reply: OwnReply | null = null
  let said = ''
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), withinMs)
  const ended = await runProgram(
    {
      ...question,
      dir: process.cwd(),
      env: plainEnvironment(),
      onMessage(message) {
        reply = answerIn(message) ?? reply
      },
    },
    {
      signal: limit.signal,
      mark: '',
      onOutput: (chunk) => (said = (said + chunk.toString()).slice(0, 2_000)),
      watch() {},
      forget() {},
    },
  ).finally(() => clearTimeout(timer))
  const answer = reply as OwnReply | null
  if (answer && 'described' in answer) return answer.described
  if (answer && 'failed' in answer) throw new AppError('invalid', answer.failed)
  if (limit.signal.aborted) throw new AppError('invalid', `it said nothing within ${withinMs / 1_000} s`)
  throw new AppError('invalid', `it ended with exit code ${ended.exitCode} at its import. ${said.trim()}`)
}
