import { showAnswer } from '../assigner/result.ts'
import type { Desk } from '../desk/desk.ts'
import type { Output } from '../output/output.ts'
import { showPrompts } from '../prompts/table.ts'
import { showSessions } from '../sessions/table.ts'
import { statusLines } from '../status.ts'
import { parseTerminalLine, terminalHelp, type TerminalCommand } from './parse.ts'

/** One stay in the terminal. */
export interface Conversation {
  desk: Desk
  output: Output
  /** Live lines tell of sessions as well as of prompts. */
  watchesSessions: boolean
  ended: boolean
}

const recentPrompts = 15

/** Does what a line asks for. Throws `AppError` with a sentence when it can't. */
export async function perform(talk: Conversation, line: string): Promise<void> {
  const command = parseTerminalLine(line)
  const { desk, output } = talk
  switch (command.do) {
    case 'nothing':
      return
    case 'send':
      return send(talk, command)
    case 'status':
      return (await statusLines(desk, output.palette)).forEach((text) => output.line(text))
    case 'sessions':
      return showSessions(output, await desk.sessions(), Date.now())
    case 'prompts':
      return showPrompts(output, (await desk.prompts({ limit: recentPrompts })).items, Date.now())
    case 'watch':
      talk.watchesSessions = !talk.watchesSessions
      return output.line(
        talk.watchesSessions
          ? 'Sessions are shown as well; watch again stops it.'
          : 'Only prompts are shown.',
      )
    case 'result':
      return showAnswer(desk, await desk.prompt(command.id), output)
    case 'cancel':
      await desk.cancel(command.id)
      return output.line(`Prompt ${command.id} is cancelled.`)
    case 'retry':
      await desk.retry(command.id)
      return output.line(`Prompt ${command.id} is queued again.`)
    case 'interrupt':
      await desk.interrupt(command.id)
      return output.line(`Prompt ${command.id} is being interrupted.`)
    case 'help':
      return output.line(terminalHelp)
    case 'quit':
      talk.ended = true
  }
}

async function send(
  { desk, output }: Conversation,
  command: TerminalCommand & { do: 'send' },
): Promise<void> {
  const { text, priority, session } = command
  const target = session === undefined ? {} : { session: await desk.requireSession(session) }
  const input = { content: text, target, ...(priority !== undefined && { priority }) }
  const { prompt } = await desk.submit(input)
  output.line(`Queued as prompt ${prompt.id}.${(await desk.assignerRuns()) ? '' : ` ${desk.startHint}`}`)
}
