import { hostname } from 'node:os'
import { type Clock, systemClock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Look, NewSession, Pane, PaneRef, SessionHost, StepResult, Sweep } from '../../core/host.ts'
import type { AttachedTerminal, TerminalHost } from '../../core/terminal.ts'
import { attachTerminal } from './attach.ts'
import { asAppError, NoTmuxServer } from './failures.ts'
import { listPanes, lookAtPanes, readHistory } from './read-panes.ts'
import { createSession, killSession } from './sessions.ts'
import { parseSockets, type TmuxSocket } from './sockets.ts'
import { pasteText, pressKeys, setMarker } from './step.ts'
import { TmuxServer } from './tmux-server.ts'
import { Watcher } from './watcher.ts'

export interface TmuxHostOptions {
  /** The node's name; the machine's own when absent. */
  node?: string
  sockets?: TmuxSocket[]
  clock?: Clock
}

/** tmux on this machine: one persistent control client for each server. It connects with the first question. */
export class TmuxHost implements SessionHost, TerminalHost {
  readonly node: string
  private readonly clock: Clock
  private readonly servers: { server: TmuxServer; watcher: Watcher }[]

  constructor({ node = hostname(), sockets = parseSockets(), clock = systemClock }: TmuxHostOptions = {}) {
    this.node = node
    this.clock = clock
    this.servers = sockets.map((socket) => {
      const server = new TmuxServer(socket, clock)
      return { server, watcher: new Watcher(server, clock) }
    })
  }

  async list(): Promise<Pane[]> {
    return (await this.ofRunning(({ server }) => listPanes(server))).flat()
  }

  sweep(wanted: (pane: Pane) => boolean): Promise<Sweep> {
    return this.sweepWith(({ watcher }) => watcher, wanted)
  }

  /** Sweeps of somebody else's: what they have seen is still news to `sweep`, and the other way round. */
  openSweeps(): Pick<SessionHost, 'sweep'> {
    const watchers = new Map(this.servers.map(({ server }) => [server, new Watcher(server, this.clock)]))
    return { sweep: (wanted) => this.sweepWith(({ server }) => watchers.get(server)!, wanted) }
  }

  async look(pane: PaneRef, searches: string[] = []): Promise<Look> {
    const [look] = await lookAtPanes(this.serverOf(pane.server), [pane.paneId], searches, this.clock)
    if (!look) throw new AppError('not_found', `The pane ${pane.server}/${pane.paneId} is gone.`)
    return look
  }

  history(pane: PaneRef, lines: number): Promise<string> {
    return this.about(pane, readHistory(this.serverOf(pane.server), pane.paneId, lines))
  }

  paste(look: Look, text: string, marker: string): Promise<StepResult> {
    return this.about(look, pasteText(this.serverOf(look.server), look, text, marker))
  }

  submit(look: Look, marker: string): Promise<StepResult> {
    return this.press(look, ['Enter'], marker)
  }

  press(look: Look, keys: string[], marker: string): Promise<StepResult> {
    return this.about(look, pressKeys(this.serverOf(look.server), look, keys, marker))
  }

  mark(look: Look, marker: string): Promise<StepResult> {
    return this.about(look, setMarker(this.serverOf(look.server), look, marker))
  }

  attach(pane: PaneRef, mode: 'view' | 'type'): Promise<AttachedTerminal> {
    return this.about(pane, attachTerminal(this.serverOf(pane.server), pane.paneId, mode))
  }

  create(session: NewSession): Promise<PaneRef> {
    return createSession(this.serverOf(session.server), session)
  }

  kill(sessionName: string, server?: string): Promise<void> {
    return killSession(this.serverOf(server), sessionName)
  }

  /** The process ids of the control clients, by server label; connects where needed. */
  async clientPids(): Promise<Record<string, number | undefined>> {
    const pids = await Promise.all(this.servers.map(({ server }) => server.clientPid()))
    return Object.fromEntries(this.servers.map(({ server }, index) => [server.label, pids[index]]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map(({ server }) => server[Symbol.asyncDispose]()))
  }

  private async sweepWith(
    watcherOf: (member: Member) => Watcher,
    wanted: (pane: Pane) => boolean,
  ): Promise<Sweep> {
    const at = this.clock.now()
    const seen = await this.ofRunning((member) => watcherOf(member).sweep(wanted))
    return {
      at,
      panes: seen.flatMap(({ panes }) => panes),
      changed: seen.flatMap(({ changed }) => changed),
    }
  }

  /** A server that does not run has no panes; one that fails fails the question, or its panes would seem gone. */
  private async ofRunning<T>(ask: (member: Member) => Promise<T>): Promise<T[]> {
    const answers = await Promise.allSettled(this.servers.map(ask))
    const failures = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason)
    const fault: unknown = failures.find((reason) => !(reason instanceof NoTmuxServer))
    if (fault !== undefined) throw asAppError(fault, 'A pane')
    if (failures.length === answers.length) throw failures[0]
    return answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value)
  }

  private async about<T>(pane: PaneRef, answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      throw asAppError(error, `The pane ${pane.server}/${pane.paneId}`)
    }
  }

  private serverOf(label = this.servers[0]!.server.label): TmuxServer {
    const member = this.servers.find(({ server }) => server.label === label)
    if (!member) throw new AppError('not_found', `There is no tmux server "${label}" on ${this.node}.`)
    return member.server
  }
}

interface Member {
  server: TmuxServer
  watcher: Watcher
}
