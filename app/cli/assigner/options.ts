import { Option, type Command } from 'commander'
import { UsageError } from '../failure.ts'
import { parsePrompt, parseWholeNumber } from '../arguments.ts'

/** What was asked for on one `assigner` command line. */
export interface AssignerOptions {
  // actions: at most one of these (--watch and --result may follow --send)
  send?: string
  file?: string
  retry?: number
  retryAll?: true
  reassign?: number
  cancel?: number
  interrupt?: number
  approve?: number
  reject?: number
  resolve?: number
  suspend?: number
  clear?: true
  pause?: string | true
  resume?: string | true
  drain?: true
  sessions?: true
  prompts?: true
  status?: true
  result?: number | true
  watch?: number | true
  daemon?: true
  stop?: true
  // what --send and --file take with them
  priority?: number
  target?: string
  timeout?: number
  provider?: string
  dir?: string
  tag?: string
  tier?: 'high_level' | 'manager' | 'worker'
  followUp?: number
  fresh?: true
  agentCommand?: true
  staged?: true
  repeatable?: true
  after?: number[]
  notBefore?: string
  expires?: string
  key?: string
  maxRetries?: number
  metadata?: string
  kind?: string
  parent?: number
  force?: true
  // what other actions take with them
  to?: string
  days?: number
  as?: 'completed' | 'failed' | 'retry'
  summary?: string
  json?: true
}

/** Declares every flag of the documents and ours, in the order in which they are needed. */
export function declareAssignerOptions(command: Command): Command {
  const add = (flags: string, description: string, parse?: (value: string) => unknown) => {
    const option = new Option(flags, description)
    if (parse) option.argParser((value: string) => parse(value))
    command.addOption(option)
  }
  const wholeNumber = (flag: string, least: number, most: number) => (value: string) =>
    parseWholeNumber(flag, value, least, most)
  const prompt = (flag: string) => (value: string) => parsePrompt(flag, value)

  add('--send <prompt>', 'queue a prompt; - reads it from standard input')
  add('--file <path>', 'queue the text of a file as a prompt')
  add('--priority <n>', '0–10, higher is more urgent (default: 0)', wholeNumber('--priority', 0, 10))
  add('--target <session>', 'only this session: NAME, NAME:WINDOW.PANE or %7, each also as NODE/…')
  add('--timeout <minutes>', 'per turn (default: 30)', wholeNumber('--timeout', 1, 7 * 24 * 60))
  add('--provider <kind>', 'only sessions of this agent kind: claude, codex, gemini, opencode, …')
  add('--dir <folder>', 'only sessions that work inside this folder')
  add('--tag <tag>', 'only sessions with this tag')
  command.addOption(
    new Option('--tier <tier>', 'only sessions of this tier').choices(['high_level', 'manager', 'worker']),
  )
  add('--follow-up <id>', 'to the session that did this prompt, in its conversation', prompt('--follow-up'))
  add('--fresh', 'clear the conversation before, in the way of the agent')
  add('--agent-command', 'the text is a command of the agent: /compact, !ls')
  add('--staged', 'wait until somebody approves it')
  add('--after <ids>', 'wait until these prompts are completed: 7,8', (value) =>
    value.split(',').map((id) => parsePrompt('--after', id.trim())),
  )
  add('--not-before <when>', 'not earlier: 30m, 2h, 18:30, 2026-12-24T08:00')
  add('--expires <when>', 'fail when nobody took it until then; as --not-before')
  add('--kind <kind>', 'what kind of work: code, test, research, review, docs, …; decides where it goes')
  add('--parent <id>', 'a part of this prompt, which hears of its end', prompt('--parent'))
  add('--force', 'past the rules of the hierarchy; for people')
  add('--key <key>', 'idempotency key: a second prompt with it is the first one')
  add('--repeatable', 'its work may be done twice: a failed turn is retried by itself')
  add('--max-retries <n>', '(default: 3)', wholeNumber('--max-retries', 0, 100))
  add('--metadata <json>', 'an object that is kept with the prompt')

  add('--prompts', 'list recent prompts')
  add('--sessions', 'list agent sessions')
  add('--status', 'queue, sessions, assigner')
  add('--result [id]', 'the answer of a prompt; with --send: wait for it', prompt('--result'))
  add('--watch [id]', 'follow a prompt to its end; with --send: that one', prompt('--watch'))

  add('--retry <id>', 'queue a failed or cancelled prompt again', prompt('--retry'))
  add('--retry-all', 'retry all failed prompts that have retries left')
  add(
    '--reassign <id>',
    'queue a prompt again for another session (--to) or for anyone',
    prompt('--reassign'),
  )
  add('--to <session>', 'the session for --reassign')
  add('--cancel <id>', 'cancel a waiting prompt', prompt('--cancel'))
  add('--interrupt <id>', 'stop a running prompt in the way of its agent', prompt('--interrupt'))
  add('--approve <id>', 'let a staged prompt go', prompt('--approve'))
  add('--reject <id>', 'cancel a staged prompt', prompt('--reject'))
  add('--resolve <id>', 'say how a prompt ended whose delivery is unknown (--as)', prompt('--resolve'))
  command.addOption(
    new Option('--as <outcome>', 'the outcome for --resolve').choices(['completed', 'failed', 'retry']),
  )
  add(
    '--suspend <id>',
    'a running prompt restarts this service itself: keep it (--summary)',
    prompt('--suspend'),
  )
  add('--summary <text>', 'what remains to be done after the restart, for --suspend')
  add('--clear', 'delete completed and cancelled prompts')
  add('--days <n>', 'with --clear: only those older than this', wholeNumber('--days', 0, 36_500))
  add('--pause [session]', 'give out no prompts, at all or to one session')
  add('--resume [session]', 'undo --pause and --drain')
  add('--drain', 'finish what runs, start nothing new')
  add('--daemon', 'start the assigner in the background')
  add('--stop', 'stop the assigner in the background')
  add('--json', 'answer in JSON')
  return command
}

const actions = [
  'send',
  'file',
  'retry',
  'retryAll',
  'reassign',
  'cancel',
  'interrupt',
  'approve',
  'reject',
  'resolve',
  'suspend',
  'clear',
  'pause',
  'resume',
  'drain',
  'sessions',
  'prompts',
  'status',
  'result',
  'watch',
  'daemon',
  'stop',
] as const satisfies (keyof AssignerOptions)[]
export type AssignerAction = (typeof actions)[number]

/** Which options mean something only together with these actions. */
const companions: Partial<Record<keyof AssignerOptions, AssignerAction[]>> = {
  to: ['reassign'],
  days: ['clear'],
  as: ['resolve'],
  summary: ['suspend'],
  force: ['send', 'file', 'reassign'],
  ...Object.fromEntries(
    (
      [
        'priority',
        'target',
        'timeout',
        'provider',
        'dir',
        'tag',
        'tier',
        'followUp',
        'fresh',
        'agentCommand',
        'staged',
        'repeatable',
        'after',
        'notBefore',
        'expires',
        'key',
        'maxRetries',
        'metadata',
        'kind',
        'parent',
      ] as const
    ).map((option) => [option, ['send', 'file']]),
  ),
}

/** The one action of a command line; null means "run the assigner". Throws `UsageError` for a contradiction. */
export function chooseAction(options: AssignerOptions): AssignerAction | null {
  const given = actions.filter((action) => options[action] !== undefined)
  const sends = given.find((action) => action === 'send' || action === 'file')
  const others = given.filter((action) => action !== sends && !(sends && followsSend(options, action)))
  const chosen = sends ? [sends, ...others] : given
  if (chosen.length > 1) throw new UsageError(`Only one of ${chosen.map(flagOf).join(' and ')} at a time.`)
  refuseStrayOptions(options, chosen[0])
  return chosen[0] ?? null
}

/** `--send … --watch` and `--send … --result` follow the new prompt. */
function followsSend(options: AssignerOptions, action: AssignerAction): boolean {
  return (action === 'watch' || action === 'result') && options[action] === true
}

function refuseStrayOptions(options: AssignerOptions, action: AssignerAction | undefined) {
  if (action === 'watch' || action === 'result') requireId(options, action)
  for (const [option, allowed] of Object.entries(companions) as [keyof AssignerOptions, AssignerAction[]][]) {
    if (options[option] === undefined || (action && allowed.includes(action))) continue
    throw new UsageError(`${flagOf(option)} goes with ${allowed.map(flagOf).join(' or ')}.`)
  }
}

function requireId(options: AssignerOptions, action: 'watch' | 'result') {
  if (options[action] === true) throw new UsageError(`${flagOf(action)} needs the number of a prompt.`)
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
