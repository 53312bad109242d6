import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { TmuxRefusal, tmuxIsMissing, tmuxIsSilent, tmuxLeft } from './failures.ts'
import { abandon, isOurs, ownName } from './owner.ts'
import { type Block, ProtocolReader } from './protocol.ts'
import { command } from './quote.ts'
import type { TmuxSocket } from './sockets.ts'

/** One command line and what is known about its answer. */
export interface Request {
  line: string
  /** The least rows of the next block, from the blocks so far (`ProtocolListener.leastRows`). */
  leastRows?: (blocks: Block[]) => number
}

/** A list of commands without a waiting one answers within milliseconds; a client this late is given up. */
export const answerWithinMs = 5000
/** How long a client may take to leave by itself. */
const leaveWithinMs = 1000

/**
 * One control-mode client, attached to a small session of its own. Its flags keep it from
 * ever resizing a window (`ignore-size`, and it never says a size) or holding up a pane (`no-output`).
 *
 * Each request is followed by a random word that tmux echoes: blocks up to it are the request's answer, however
 * many commands the request turned into. Rejects with `TmuxRefusal` what tmux refuses, with `unavailable`
 * everything that was pending when the client ends or stays silent.
 */
export class ControlConnection {
  /** Fulfilled when tmux has taken the client in, or the client has ended. */
  readonly introduced: Promise<void>
  /** Fulfilled when the client has ended, for whatever reason. */
  readonly ended: Promise<void>
  readonly sessionName = ownName()
  onNotice: (name: string, rest: string) => void = () => {}
  private readonly socket: TmuxSocket
  private readonly child: ChildProcessWithoutNullStreams
  private readonly pending: Pending[] = []
  private readonly secret = `architect-${randomBytes(12).toString('hex')}`
  private readonly said: string[] = []
  private count = 0
  private over: Error | null = null
  private noteIntroduced: () => void = () => {}
  /** What waits until the client is attached; null from then on. */
  private unsent: string[] | null = []

  constructor(socket: TmuxSocket) {
    this.socket = socket
    this.child = spawn(socket.program ?? 'tmux', [...socket.args, ...attachArguments(this.sessionName)], {
      env: clientEnv(),
      // Ctrl-C is for us: tmux dies of a client that goes while it introduces itself (turns.ts).
      detached: true,
    })
    this.introduced = new Promise((resolve) => {
      const timer = setTimeout(() => this.giveUp(answerWithinMs), answerWithinMs)
      this.noteIntroduced = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    const reader = new ProtocolReader({
      onBlock: (block) => this.takeBlock(block),
      onNotice: (name, rest) => this.takeNotice(name, rest),
      leastRows: () => (this.unsent ? 0 : (this.pending[0]?.leastRows?.(this.pending[0].blocks) ?? 0)),
    })
    this.child.stdout.on('data', (chunk: Buffer) => reader.push(chunk))
    this.child.stderr.on('data', (chunk: Buffer) => this.said.push(chunk.toString()))
    this.child.stdin.on('error', () => this.child.kill('SIGKILL')) // the client is ending: `close` reports it
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(this.end(tmuxIsMissing(error))))
      this.child.on('close', () => resolve(this.end(tmuxLeft(socket.label, this.said.join(' ').trim()))))
    })
  }

  get isOver(): boolean {
    return this.over !== null
  }

  /** The process id of the tmux client. */
  get clientPid(): number | undefined {
    return this.child.pid
  }

  async run(line: string, leastRows?: Request['leastRows']): Promise<Block[]> {
    return this.runAll([{ line, ...(leastRows && { leastRows }) }])[0]!
  }

  /** Sends all requests in one write; each has its own answer. */
  runAll(requests: Request[], withinMs = answerWithinMs): Promise<Block[]>[] {
    let text = ''
    const answers = requests.map((request) => {
      const word = `${this.secret}.${++this.count}`
      text += `${request.line}\n${command('display-message', '-p', word)}\n`
      return this.expect(request, word, withinMs)
    })
    this.write(text)
    return answers
  }

  /** Ends the client and its session; returns when both are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.write(`${command('kill-session', '-t', `=${this.sessionName}`)}\n`)
    this.child.stdin.end()
    const timer = setTimeout(() => this.child.kill('SIGKILL'), leaveWithinMs)
    await this.ended
    clearTimeout(timer)
  }

  /** tmux runs what comes in before it has attached the client ahead of attaching it: nothing is sent so early. */
  private write(text: string) {
    if (this.unsent) this.unsent.push(text)
    else if (!this.over) this.child.stdin.write(text)
  }

  private startSending() {
    const texts = this.unsent ?? []
    this.unsent = null
    this.noteIntroduced()
    for (const text of texts) this.write(text)
  }

  private expect({ leastRows }: Request, word: string, withinMs: number): Promise<Block[]> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(this.over)
      const timer = setTimeout(() => this.giveUp(withinMs), withinMs)
      timer.unref()
      this.pending.push({ word, leastRows, blocks: [], resolve, reject, timer })
    })
  }

  private takeBlock(block: Block) {
    const request = this.pending[0]
    if (!block.ok && this.unsent) this.said.push(...block.lines)
    if (!request || this.unsent) return
    if (!(block.ok && block.lines.length === 1 && block.lines[0] === request.word)) {
      request.blocks.push(block)
      return
    }
    this.pending.shift()
    clearTimeout(request.timer)
    const refused = request.blocks.find(({ ok }) => !ok)
    if (refused) request.reject(new TmuxRefusal(refused.lines.join(' ').trim()))
    else request.resolve(request.blocks)
  }

  private takeNotice(name: string, rest: string) {
    if (name === 'session-changed' && this.unsent) this.startSending()
    if (name === 'exit') this.said.push(rest)
    else this.onNotice(name, rest)
  }

  /** A client that stays silent is ended by its own process id; its session goes away with it. */
  private giveUp(ms: number) {
    this.end(tmuxIsSilent(this.socket.label, ms))
    this.child.kill('SIGKILL')
  }

  private end(reason: Error) {
    this.over ??= reason
    this.noteIntroduced()
    abandon(this.sessionName)
    for (const { reject, timer } of this.pending.splice(0)) {
      clearTimeout(timer)
      reject(this.over)
    }
  }
}

interface Pending {
  word: string
  leastRows: Request['leastRows']
  blocks: Block[]
  resolve: (blocks: Block[]) => void
  reject: (reason: Error) => void
  timer: NodeJS.Timeout
}

/**
 * `-N` never starts a server. The session ends with its program, and that with this process. tmux could end it
 * with its client (`destroy-unattached on`), but 3.3a then loses its whole server, and every agent in it: a
 * client that is leaving with output that nobody reads still points to the session when another one attaches.
 * `detach-on-destroy` keeps the client out of the user's sessions when somebody ends ours.
 */
function attachArguments(sessionName: string): string[] {
  const attach = '-u -C -N new-session -n _architect -x 20 -y 5 -f ignore-size,no-output -c / -s'.split(' ')
  const options = ['destroy-unattached off', 'detach-on-destroy on', 'status off', '-w remain-on-exit off']
  const settings = options.flatMap((option) => {
    return [';', 'set-option', '-t', `=${sessionName}:`, ...option.split(' ')]
  })
  return [...attach, sessionName, 'sh', '-c', untilWeEnd, ...settings]
}

/** A process of another user can't be signalled, but has its folder. */
export const untilWeEnd = `while [ -d /proc/${process.pid} ] || kill -0 ${process.pid} 2>/dev/null; do sleep 2; done`

/** Without `TMUX`, which would make the client refuse to attach inside another tmux. */
export function clientEnv(): NodeJS.ProcessEnv {
  const { TMUX: _tmux, TMUX_PANE: _pane, ...env } = process.env
  return env
}

/** Whether a server has nothing left but sessions of this project's own. */
export function onlyOursAreLeft(sessionNames: string[]): boolean {
  return sessionNames.every(isOurs)
}
