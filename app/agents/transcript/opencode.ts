import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import type { AgentProcess } from '../process.ts'
import { beginTurn, type RecordedTurn } from './recorded-turn.ts'

/**
 * Turns that opencode (1.18) keeps in its database, of sessions in the folder that this process works in. It is
 * opened for reading only and closed at once. A database of another shape, or one that is locked for longer
 * than 200 ms, tells nothing.
 */
export function opencodeTurns(agent: AgentProcess, since: EpochMs): RecordedTurn[] {
  const data = agent.xdgDataHome ?? (agent.home === null ? null : join(agent.home, '.local/share'))
  const file = data === null ? null : join(data, 'opencode/opencode.db')
  if (file === null || agent.cwd === null || !existsSync(file)) return []
  return foldMessages(readMessages(file, agent.cwd, since))
}

const messageSchema = z.object({
  at: z.number(),
  session: z.string(),
  text: z.string().nullable(),
  data: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(
      z.looseObject({
        role: z.string(),
        finish: z.string().nullish(),
        cost: z.number().nullish(),
        tokens: z.looseObject({ input: z.number(), output: z.number() }).nullish(),
        time: z.looseObject({ completed: z.number().nullish() }),
        error: z
          .looseObject({
            name: z.string(),
            data: z.looseObject({ message: z.string().nullish() }).nullish(),
          })
          .nullish(),
      }),
    ),
})
type Message = z.infer<typeof messageSchema>

const messagesSince = `
  select m.time_created as at, m.session_id as session, m.data as data,
    (select group_concat(json_extract(p.data, '$.text'), char(10)) from part p
      where p.message_id = m.id and json_extract(p.data, '$.type') = 'text') as text
  from session s join message m on m.session_id = s.id
  where s.directory = ? and s.time_updated >= ? and m.time_created >= ?
  order by m.time_created limit 2000`

function readMessages(file: string, cwd: string, since: EpochMs): Message[] {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 200 })
    try {
      return z.array(messageSchema).parse(db.prepare(messagesSince).all(cwd, since, since))
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError || error instanceof z.ZodError) return []
    throw error
  }
}

/** Prompts that are entered during a turn wait and are answered together. */
function foldMessages(messages: Message[]): RecordedTurn[] {
  const turns: RecordedTurn[] = []
  const open = new Map<string, RecordedTurn[]>()
  for (const { at, session, text, data } of messages) {
    const running = open.get(session) ?? []
    open.set(session, running)
    if (data.role === 'user') {
      if (running.some(({ endedAt }) => endedAt !== null)) running.length = 0
      running.push(beginTurn(turns, text ?? '', at, session))
    } else for (const turn of running) addAnswer(turn, text, data)
  }
  return turns
}

function addAnswer(
  turn: RecordedTurn,
  text: string | null,
  { finish, cost, tokens, time, error }: Message['data'],
) {
  turn.tokensIn = (turn.tokensIn ?? 0) + (tokens?.input ?? 0)
  turn.tokensOut = (turn.tokensOut ?? 0) + (tokens?.output ?? 0)
  turn.costUsd = (turn.costUsd ?? 0) + (cost ?? 0)
  turn.answer = text ?? turn.answer
  const endedAt = time.completed ?? null
  if (error?.name === 'MessageAbortedError') Object.assign(turn, { how: 'interrupted', endedAt })
  else if (error) Object.assign(turn, { how: 'error', endedAt, error: error.data?.message ?? error.name })
  else if (finish && finish !== 'tool-calls') Object.assign(turn, { how: 'completed', endedAt })
}
