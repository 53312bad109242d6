import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { ControlConnection, onlyOursAreLeft, type Request } from './connection.ts'
import { NoTmuxServer, TmuxRefusal } from './failures.ts'
import { clearLeftovers, evictFromOurs } from './leftovers.ts'
import { findQuietServer } from './probe.ts'
import type { Block } from './protocol.ts'
import { command } from './quote.ts'
import type { TmuxSocket } from './sockets.ts'
import { inTurn } from './turns.ts'
import { listLinks, orphanedViews } from './views.ts'
import { checkInstalledTmux, refuseOldTmux } from './version.ts'

/** The first wait after a connection failed, doubled with each failure in a row up to the longest, in ms. */
const firstWaitMs = 100
const longestWaitMs = 2000

/**
 * One tmux server over one connection, which is opened when it is first needed and again after it broke. It
 * leaves a server whose last session of the user's has ended, so that it never keeps one alive.
 */
export class TmuxServer implements AsyncDisposable {
  readonly socket: TmuxSocket
  private readonly clock: Clock
  private opening: Promise<ControlConnection> | null = null
  private failure: { error: unknown; until: number; waitMs: number } | null = null
  private closed = false
  private checked = false
  /** Of the server that was entered last; null before. */
  private socketPath: string | null = null

  constructor(socket: TmuxSocket, clock: Clock) {
    this.socket = socket
    this.clock = clock
  }

  get label(): string {
    return this.socket.label
  }

  async run(line: string, leastRows?: Request['leastRows']): Promise<Block[]> {
    return (await this.connection()).run(line, leastRows)
  }

  /** One write, one answer each; a request's refusal does not touch the others. */
  async runAll(requests: Request[]): Promise<PromiseSettledResult<Block[]>[]> {
    return Promise.allSettled((await this.connection()).runAll(requests))
  }

  /** As `run`, for what begins or ends sessions: while no client of ours introduces itself (turns.ts). */
  async runInTurn(line: string): Promise<Block[]> {
    const connection = await this.connection()
    return this.inTurn(() => connection.run(line))
  }

  /** For the end of a client; `work` may not need a connection that is not open. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.socketPath === null ? work() : inTurn(this.socketPath, work)
  }

  /** The process id of the control client, for whoever wants to know or end it. */
  async clientPid(): Promise<number | undefined> {
    return (await this.connection()).clientPid
  }

  /** Forgets an earlier failure, so that the next call connects at once. */
  retryNow(): void {
    this.failure = null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true
    const connection = await this.opening?.catch(() => null)
    if (connection) await this.leave(connection)
  }

  private connection(): Promise<ControlConnection> {
    if (this.closed) return Promise.reject(new AppError('unavailable', 'The tmux host is closed.'))
    if (this.opening) return this.opening
    if (this.failure && this.clock.now() < this.failure.until) return Promise.reject(this.failure.error)
    const opening = this.open()
    this.opening = opening
    opening.then(
      (connection) => this.watch(connection, opening),
      (error: unknown) => this.noteFailure(error),
    )
    return opening
  }

  private async open(): Promise<ControlConnection> {
    if (!this.checked) await checkInstalledTmux(this.socket.program)
    this.checked = true
    this.socketPath = await findQuietServer(this.socket)
    const connection = await this.enter()
    try {
      const [about, sessions] = await Promise.all(connection.runAll(greeting))
      refuseOldTmux(about!.at(-1)!.lines.join(''))
      if (onlyOursAreLeft(sessions!.at(-1)!.lines)) throw new NoTmuxServer(this.label)
      await this.inTurn(() => clearLeftovers(connection))
      return connection
    } catch (error) {
      await this.leave(connection)
      throw error
    }
  }

  private enter(): Promise<ControlConnection> {
    return this.inTurn(async () => {
      const connection = new ControlConnection(this.socket)
      await connection.introduced
      return connection
    })
  }

  private leave(connection: ControlConnection): Promise<void> {
    return this.inTurn(() => connection[Symbol.asyncDispose]())
  }

  private watch(connection: ControlConnection, opening: Promise<ControlConnection>) {
    this.failure = null
    connection.onNotice = (name, rest) => {
      if (name === 'sessions-changed') attempt(connection, this.letGo(connection))
      if (name === 'client-session-changed') attempt(connection, evictFromOurs(connection, rest))
    }
    void connection.ended.then(() => this.forget(opening))
  }

  /** A session has ended: what lives on in our views alone ends, too, and a server without others is left. */
  private async letGo(connection: ControlConnection) {
    const links = await connection.run(listLinks)
    const orphans = orphanedViews(links.flatMap(({ lines }) => lines))
    const endings = orphans.map((name) => ({ line: command('kill-session', '-t', `=${name}`) }))
    if (endings.length > 0) await this.inTurn(() => Promise.allSettled(connection.runAll(endings)))
    const sessions = await connection.run(command('list-sessions', '-F', '#{session_name}'))
    if (onlyOursAreLeft(sessions.flatMap(({ lines }) => lines))) await this.leave(connection)
  }

  private forget(opening: Promise<ControlConnection>) {
    if (this.opening === opening) this.opening = null
  }

  private noteFailure(error: unknown) {
    const waitMs = Math.min(longestWaitMs, (this.failure?.waitMs ?? firstWaitMs / 2) * 2)
    this.failure = { error, waitMs, until: this.clock.now() + waitMs }
    this.opening = null
  }
}

const greeting: Request[] = [
  { line: command('display-message', '-p', '#{version}') },
  { line: command('list-sessions', '-F', '#{session_name}') },
]

/** Courtesies to the user's clients: they are in vain when the connection or that client has just ended. */
function attempt(connection: ControlConnection, courtesy: Promise<void>) {
  courtesy.catch((error: unknown) => {
    if (!connection.isOver && !(error instanceof TmuxRefusal)) throw error
  })
}
