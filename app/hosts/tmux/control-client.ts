import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { AppError } from '../../core/errors.ts'
import { ownSessionPrefix } from './panes.ts'
import { quote } from './encode.ts'
import type { Socket } from './sockets.ts'

/** What one command printed, or why it failed. */
export interface Block {
  ok: boolean
  lines: string[]
}

/** A tmux that answers nothing for this long hangs; ours is ended and a new one tried. */
const answerWithinMs = 5_000

/**
 * A control-mode client of one tmux server, attached to a small session of its own that goes away with it. It
 * asks for no output of panes (`no-output`: a reader that stalls can then freeze nobody) and never for a size.
 */
export class ControlClient {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting: Request[] = []
  #partial = ''
  #block: { tag: string; lines: string[] } | null = null
  #closed: Error | null = null
  #said = ''

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process
    process.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk))
    process.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk))
    process.stdin.on('error', (error) => this.#close(error))
    process.on('error', (error) => this.#close(error))
    process.on('close', () => this.#close(new Error(this.#said.trim() || 'tmux ended')))
  }

  /** Throws `unavailable` when no server runs there; starts none. */
  static async attach(tmux: string, socket: Socket): Promise<ControlClient> {
    const name = `${ownSessionPrefix}${process.pid}-${randomBytes(3).toString('hex')}`
    const { TMUX: _, TMUX_PANE: __, ...env } = process.env
    const child = spawn(
      tmux,
      // prettier-ignore
      ['-u', '-C', '-N', ...socket.args, 'new-session', '-s', name, '-x', '80', '-y', '24', '-f', 'ignore-size,no-output',
        'exec cat', ';', 'set-option', 'destroy-unattached', 'on'],
      { env, stdio: 'pipe' },
    )
    const client = new ControlClient(child)
    try {
      await client.ask([])
    } catch (error) {
      client.end()
      throw error
    }
    return client
  }

  get isOpen(): boolean {
    return this.#closed === null
  }

  /**
   * Runs command lines in order and returns their blocks, in one write. Throws `unavailable` when tmux ended,
   * hangs, or answers what can't be an answer.
   */
  ask(lines: string[]): Promise<Block[]> {
    if (this.#closed) return Promise.reject(unavailable(this.#closed))
    const nonce = `architect-${randomBytes(9).toString('hex')}`
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#close(new Error(`tmux did not answer within ${answerWithinMs / 1_000} s`)),
        answerWithinMs,
      )
      this.#waiting.push({ nonce, blocks: [], resolve, reject, timer })
      this.#process.stdin.write([...lines, `display-message -p ${quote(nonce)}`, ''].join('\n'))
    })
  }

  /** Ends this client, and with it its session; nothing else. */
  end(): void {
    this.#close(new Error('the tmux client was closed'))
  }

  #read(chunk: string) {
    const lines = (this.#partial + chunk).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#readLine(line)
  }

  /**
   * A block ends with the very words that it began with; a pane that prints such lines can't know them all.
   * One that guessed right cuts its own block short, and what is left then stands outside of any block.
   */
  #readLine(line: string) {
    const [, word, tag = ''] = /^%(begin|end|error) (\d+ \d+ \d+)$/.exec(line) ?? []
    if (this.#block) {
      if ((word === 'end' || word === 'error') && tag === this.#block.tag) this.#endBlock(word === 'end')
      else this.#block.lines.push(line)
    } else if (word === 'begin') this.#block = { tag, lines: [] }
    else if (word !== undefined) this.#close(new Error('tmux answered out of order'))
  }

  #endBlock(ok: boolean) {
    const { lines, tag } = this.#block!
    this.#block = null
    // Blocks of the commands that came on tmux's own command line have the flag 0.
    if (tag.endsWith(' 0')) return
    const request = this.#waiting[0]
    if (!request) return this.#close(new Error('tmux answered what nobody asked'))
    if (lines.length === 1 && lines[0] === request.nonce) {
      this.#waiting.shift()
      clearTimeout(request.timer)
      request.resolve(request.blocks)
    } else request.blocks.push({ ok, lines })
  }

  #close(reason: Error) {
    if (this.#closed) return
    this.#closed = reason
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      reject(unavailable(reason))
    }
    this.#process.stdin.destroy()
    this.#process.kill('SIGKILL')
  }
}

interface Request {
  nonce: string
  blocks: Block[]
  resolve(blocks: Block[]): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

function unavailable(cause: Error): AppError {
  return new AppError('unavailable', `tmux is not available: ${cause.message}.`, { cause })
}
