import { maxPriority } from '../../core/queue.ts'
import { UsageError } from '../failure.ts'
import { parsePrompt } from '../arguments.ts'

/** What one line of the session terminal asks for. */
export type TerminalCommand =
  | { do: 'send'; text: string; priority?: number; session?: string }
  | { do: 'result' | 'cancel' | 'retry' | 'interrupt'; id: number }
  | { do: 'status' | 'sessions' | 'prompts' | 'watch' | 'help' | 'quit' | 'nothing' }

export const wordCommands = ['status', 'sessions', 'prompts', 'watch', 'help', 'quit'] as const
export const promptCommands = ['result', 'cancel', 'retry', 'interrupt'] as const

/** Throws `UsageError` with a sentence that says how it is written. */
export function parseTerminalLine(line: string): TerminalCommand {
  const text = line.trim()
  if (text === '') return { do: 'nothing' }
  const send = /^os\s*(?:\[([^\]\n]*)\])?\s*(?::\s*(\d+)\s*)?:([^]*)$/i.exec(text)
  if (send) return parseSend(send[3]!.trim(), send[2], send[1]?.trim())
  const [word = '', ...rest] = text.toLowerCase().split(/\s+/)
  if (word === 'exit' && rest.length === 0) return { do: 'quit' }
  const plain = wordCommands.find((command) => command === word)
  if (plain !== undefined && rest.length === 0) return { do: plain }
  const about = promptCommands.find((command) => command === word)
  if (about !== undefined && rest.length <= 1) return { do: about, id: parsePrompt(about, rest[0] ?? '') }
  throw new UsageError(
    `"${firstWords(text)}" is no command. To send it as a prompt: os: ${firstWords(text)} · help shows all.`,
  )
}

function parseSend(text: string, priority: string | undefined, session: string | undefined): TerminalCommand {
  if (text === '') throw new UsageError('Nothing to send: write os: and then the prompt.')
  if (session === '') throw new UsageError('Between [ and ] belongs the name of a session: os[dev_w1]: text.')
  if (priority !== undefined && Number(priority) > maxPriority) {
    throw new UsageError(`The priority goes from 0 to ${maxPriority}, not ${priority}.`)
  }
  return {
    do: 'send',
    text,
    ...(priority !== undefined && { priority: Number(priority) }),
    ...(session !== undefined && { session }),
  }
}

function firstWords(text: string): string {
  const line = text.split('\n')[0] ?? ''
  return line.length > 30 ? `${line.slice(0, 30)}…` : line
}

export const terminalHelp = `\
os: TEXT             send a prompt to the next session that fits
os:5: TEXT           with priority 5 (0–10, higher is more urgent)
os[dev_w1]: TEXT     to this session; os[dev_w1]:5: TEXT with a priority
status               queue, sessions, assigner
sessions             all agent sessions
prompts              recent prompts
watch                show what sessions do as well, or stop that
result 7             the answer of prompt 7
cancel 7, retry 7    take a waiting prompt back, queue an ended one again
interrupt 7          stop a running prompt
help, quit           this list; leave (prompts go on)

Text of several lines can be pasted after os: and is one prompt.`
