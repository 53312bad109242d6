import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError, isAppError, messageOf } from '../../core/errors.ts'
import {
  paneKey,
  type Look,
  type NewSession,
  type Pane,
  type PaneRef,
  type SessionHost,
  type StepResult,
  type Sweep,
} from '../../core/host.ts'
import type { Socket } from './sockets.ts'
import { TmuxServer } from './tmux-server.ts'
import { checkTmux } from './tmux-version.ts'

const run = promisify(execFile)

/** `window_activity` has a grain of a second: a change within this time may not show in it. */
const activityGrainMs = 2_000

export interface TmuxHostOptions {
  node: string
  sockets: Socket[]
  /** The tmux program; a path, or a name on PATH. */
  tmux?: string
}

/** The tmux servers of this machine. */
export class TmuxHost implements SessionHost {
  readonly node: string
  readonly #tmux: string
  readonly #servers: Map<string, TmuxServer>
  /** What `list-panes` said of each pane when it was last captured. */
  readonly #captured = new Map<string, string>()
  #checked: Promise<void> | null = null

  constructor({ node, sockets, tmux = 'tmux' }: TmuxHostOptions) {
    this.node = node
    this.#tmux = tmux
    this.#servers = new Map(sockets.map((socket) => [socket.label, new TmuxServer(tmux, socket)]))
  }

  async list(): Promise<Pane[]> {
    await this.#check()
    const lists = await Promise.all([...this.#servers.values()].map((server) => listOf(server)))
    return lists.flat()
  }

  async sweep(wanted: (pane: Pane) => boolean): Promise<Sweep> {
    const panes = await this.list()
    const now = Date.now()
    const changed = panes.filter((pane) => wanted(pane) && this.#mayHaveChanged(pane, now))
    const typists = new Map(panes.map((pane) => [paneKey(pane), pane.typedAt]))
    const looks = await Promise.all(
      [...this.#servers.values()].map((server) =>
        server.looks(
          changed.filter((pane) => pane.server === server.socket.label).map(({ paneId }) => paneId),
          [],
        ),
      ),
    )
    this.#forgetAllBut(panes)
    for (const pane of changed) this.#captured.set(paneKey(pane), fingerprint(pane))
    return {
      at: now,
      panes,
      changed: looks.flat().map((look) => ({ ...look, typedAt: typists.get(paneKey(look)) ?? null })),
    }
  }

  async look(pane: PaneRef, searches: string[] = []): Promise<Look> {
    await this.#check()
    const [look] = await goneWithServer(pane, this.#serverOf(pane).looks([pane.paneId], searches))
    if (!look) throw new AppError('not_found', `The pane ${pane.paneId} is gone.`)
    return look
  }

  history(pane: PaneRef, lines: number): Promise<string> {
    return goneWithServer(pane, this.#serverOf(pane).history(pane.paneId, lines))
  }

  async paste(look: Look, text: string, marker: string): Promise<StepResult> {
    if (/[\0\u001b]/.test(text))
      throw new AppError('invalid', 'A text with NUL or ESC characters can not be pasted.')
    return this.#serverOf(look).paste(look, text, marker)
  }

  submit(look: Look, marker: string): Promise<StepResult> {
    return this.#serverOf(look).submit(look, marker)
  }

  press(look: Look, keys: string[], marker: string): Promise<StepResult> {
    return this.#serverOf(look).press(look, keys, marker)
  }

  async create(session: NewSession): Promise<PaneRef> {
    await this.#check()
    const server = this.#serverOf({ server: session.server ?? [...this.#servers.keys()][0]!, paneId: '' })
    const { TMUX: _, TMUX_PANE: __, ...env } = process.env
    const args = [
      ...server.socket.args,
      ...['new-session', '-d', '-P', '-F', '#{pane_id}', '-s', session.name, '-c', session.dir],
      ...['-x', String(session.width ?? 160), '-y', String(session.height ?? 48)],
      ...Object.entries(session.env ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      ...session.command,
    ]
    try {
      const { stdout } = await run(this.#tmux, args, { env })
      return { server: server.socket.label, paneId: stdout.trim() }
    } catch (error) {
      throw creationFailure(session, error)
    }
  }

  async kill(sessionName: string, server?: string): Promise<void> {
    await this.#serverOf({ server: server ?? [...this.#servers.keys()][0]!, paneId: '' }).kill(sessionName)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()))
  }

  #check(): Promise<void> {
    this.#checked ??= checkTmux(this.#tmux).catch((error: unknown) => {
      this.#checked = null
      throw error
    })
    return this.#checked
  }

  #serverOf({ server }: PaneRef): TmuxServer {
    const found = this.#servers.get(server)
    if (!found) throw new AppError('not_found', `There is no tmux server "${server}" here.`)
    return found
  }

  #mayHaveChanged(pane: Pane, now: number): boolean {
    return now - pane.activityAt <= activityGrainMs || this.#captured.get(paneKey(pane)) !== fingerprint(pane)
  }

  #forgetAllBut(panes: Pane[]) {
    const present = new Set(panes.map(paneKey))
    for (const key of this.#captured.keys()) if (!present.has(key)) this.#captured.delete(key)
  }
}

/** A server that does not run has no panes. */
async function listOf(server: TmuxServer): Promise<Pane[]> {
  try {
    return await server.list()
  } catch (error) {
    if (isAppError(error, 'unavailable') && isNotRunning(error)) return []
    throw error
  }
}

async function goneWithServer<T>({ paneId }: PaneRef, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (!isAppError(error, 'unavailable') || !isNotRunning(error)) throw error
    throw new AppError('not_found', `The pane ${paneId} is gone, and its tmux server with it.`, {
      cause: error,
    })
  }
}

function isNotRunning(error: AppError): boolean {
  return /no server running|error connecting|server exited|lost server/.test(error.message)
}

function creationFailure({ name, dir }: NewSession, error: unknown): AppError {
  const said = messageOf(error)
  if (said.includes('duplicate session')) {
    return new AppError('conflict', `There is a tmux session "${name}" already.`, { cause: error })
  }
  return new AppError(
    'unavailable',
    `tmux could not start session "${name}" in ${dir}: ${said.split('\n').at(-2) ?? said}`,
    { cause: error },
  )
}

function fingerprint({ at: _, typedAt: __, ...pane }: Pane & { at?: number }): string {
  return JSON.stringify(pane)
}
