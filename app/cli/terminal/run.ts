import { createInterface } from 'node:readline'
import { isAppError } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/event.ts'
import { openOutput, type Output } from '../output/output.ts'
import type { Records } from '../../records.ts'
import { withDatabase } from '../with.ts'
import { assignerRuns, startHint } from '../assigner/start.ts'
import { completeLine } from './complete.ts'
import { perform, type Conversation } from './perform.ts'
import { readHistory, writeHistory } from './history.ts'
import { openTypingScreen } from './screen.ts'
import { sayNews } from './watch.ts'

/** The session terminal: typed by a person, or fed by a pipe. */
export async function runTerminal(): Promise<void> {
  await withDatabase((records) =>
    process.stdin.isTTY && process.stdout.isTTY ? typed(records) : piped(records),
  )
}

async function typed(records: Records): Promise<void> {
  const { config } = records
  using screen = openTypingScreen({
    prompt: '» ',
    history: readHistory(config.dataDir),
    complete: (line) => completeLine(records, line),
  })
  const output = openOutput({}, (line) => screen.say(line))
  const talk: Conversation = { records, output, watchesSessions: false, ended: false }
  const leaving = new AbortController()
  const wanted = ({ noun, type }: LoggedEvent) =>
    talk.watchesSessions || (noun === 'prompt' && type !== 'submit') // what is sent here is answered here
  const news = sayNews(records, output, leaving.signal, wanted)
  output.line('os: TEXT sends a prompt; help shows all commands.')
  if (!assignerRuns(config)) output.line(startHint)
  for await (const line of screen.lines()) {
    await answer(talk, line)
    if (talk.ended) break
  }
  leaving.abort()
  await news
  writeHistory(config.dataDir, screen.history())
}

/** Every line is a command; the exit code says whether all of them worked. */
async function piped(records: Records): Promise<void> {
  const talk: Conversation = { records, output: openOutput(), watchesSessions: false, ended: false }
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
