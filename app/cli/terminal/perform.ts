import { cancel, interrupt, retry, submit } from '../../broker/commands.ts'
import { getPrompt, listPrompts } from '../../db/prompts.ts'
import { showAnswer } from '../assigner/result.ts'
import { assignerRuns, startHint } from '../assigner/start.ts'
import type { Output } from '../output/output.ts'
import { showPrompts } from '../prompts/table.ts'
import { sessionRows } from '../sessions/list.ts'
import { requireSession } from '../sessions/named.ts'
import { showSessions } from '../sessions/table.ts'
import { statusLines } from '../status.ts'
import type { Records } from '../../records.ts'
import { parseTerminalLine, terminalHelp, type TerminalCommand } from './parse.ts'

/** One stay in the terminal. */
export interface Conversation {
  records: Records
  output: Output
  /** Live lines tell of sessions as well as of prompts. */
  watchesSessions: boolean
  ended: boolean
}

const recentPrompts = 15

/** Does what a line asks for. Throws `AppError` with a sentence when it can't. */
export async function perform(talk: Conversation, line: string): Promise<void> {
  const command = parseTerminalLine(line)
  const { records, output } = talk
  const { database, clock } = records
  switch (command.do) {
    case 'nothing':
      return
    case 'send':
      return send(talk, command)
    case 'status':
      return (await statusLines(records, output.palette)).forEach((text) => output.line(text))
    case 'sessions':
      return showSessions(output, await sessionRows(records), clock.now())
    case 'prompts':
      return showPrompts(
        output,
        (await listPrompts(database.kysely, { limit: recentPrompts })).items,
        clock.now(),
      )
    case 'watch':
      talk.watchesSessions = !talk.watchesSessions
      return output.line(
        talk.watchesSessions
          ? 'Sessions are shown as well; watch again stops it.'
          : 'Only prompts are shown.',
      )
    case 'result':
      return showAnswer(records, await getPrompt(database.kysely, command.id), output)
    case 'cancel':
      await cancel(database, command.id, clock.now())
      return output.line(`Prompt ${command.id} is cancelled.`)
    case 'retry':
      await retry(database, command.id, clock.now())
      return output.line(`Prompt ${command.id} is queued again.`)
    case 'interrupt':
      await interrupt(database, command.id, clock.now())
      return output.line(`Prompt ${command.id} is being interrupted.`)
    case 'help':
      return output.line(terminalHelp)
    case 'quit':
      talk.ended = true
  }
}

async function send(
  { records, output }: Conversation,
  command: TerminalCommand & { do: 'send' },
): Promise<void> {
  const { database, clock, config } = records
  const { text, priority, session } = command
  const target = session === undefined ? {} : { session: await requireSession(records, session) }
  const input = { content: text, target, ...(priority !== undefined && { priority }) }
  const { prompt } = await submit(database, input, clock.now())
  output.line(`Queued as prompt ${prompt.id}.${assignerRuns(config) ? '' : ` ${startHint}`}`)
}
