import { createInterface } from 'node:readline'
import { isAppError } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/event.ts'
import { openOutput, type Output } from '../output/output.ts'
import { readConfig } from '../../config.ts'
import type { Desk } from '../desk/desk.ts'
import { withDesk } from '../with.ts'
import { completeLine } from './complete.ts'
import { perform, type Conversation } from './perform.ts'
import { readHistory, writeHistory } from './history.ts'
import { openTypingScreen } from './screen.ts'
import { sayNews } from './watch.ts'

/** The session terminal: typed by a person, or fed by a pipe. */
export async function runTerminal(): Promise<void> {
  await withDesk((desk) => (process.stdin.isTTY && process.stdout.isTTY ? typed(desk) : piped(desk)))
}

async function typed(desk: Desk): Promise<void> {
  const { dataDir } = readConfig(process.env)
  using screen = openTypingScreen({
    prompt: '» ',
    history: readHistory(dataDir),
    complete: (line) => completeLine(desk, line),
  })
  const output = openOutput({}, (line) => screen.say(line))
  const talk: Conversation = { desk, output, watchesSessions: false, ended: false }
  const leaving = new AbortController()
  const wanted = ({ noun, type }: LoggedEvent) =>
    talk.watchesSessions || (noun === 'prompt' && type !== 'submit') // what is sent here is answered here
  const news = sayNews(desk, output, leaving.signal, wanted)
  output.line('os: TEXT sends a prompt; help shows all commands.')
  if (!(await desk.assignerRuns())) output.line(desk.startHint)
  for await (const line of screen.lines()) {
    await answer(talk, line)
    if (talk.ended) break
  }
  leaving.abort()
  await news
  writeHistory(dataDir, screen.history())
}

/** Every line is a command; the exit code says whether all of them worked. */
async function piped(desk: Desk): Promise<void> {
  const talk: Conversation = { desk, output: openOutput(), watchesSessions: false, ended: false }
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!(await answer(talk, line))) process.exitCode = 1
    if (talk.ended) break
  }
}

/** A refused line is answered with its sentence and the conversation goes on; a bug ends it. */
async function answer(talk: Conversation, line: string): Promise<boolean> {
  try {
    await perform(talk, line)
    return true
  } catch (error) {
    if (!isAppError(error)) throw error
    sayRefusal(talk.output, error.message)
    return false
  }
}

function sayRefusal(output: Output, sentence: string) {
  output.remark(output.palette.red(sentence))
}
