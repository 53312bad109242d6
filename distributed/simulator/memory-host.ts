import { type Clock, systemClock } from '../../app/core/clock.ts'
import { AppError } from '../../app/core/errors.ts'
import type { Look, NewSession, Pane, PaneRef, SessionHost, StepResult, Sweep } from '../../app/core/host.ts'
import { MemoryPane } from './memory-pane.ts'

/** tmux on one node, in memory, for simulated nodes and for tests that need thousands of moments; keeps the promises of `SessionHost`. */
export class MemoryHost implements SessionHost {
  readonly node: string
  readonly panes: MemoryPane[] = []
  /** Throws from every question while it is set: a tmux that does not answer. */
  failure: Error | null = null
  /** Called after a look was answered: what a person or an agent does between a look and the next step. */
  afterLook: (pane: MemoryPane) => void = () => {}
  private readonly clock: Clock
  private readonly swept = new Map<string, string>()
  private nextPane = 0

  constructor({ node = 'fake', clock = systemClock }: { node?: string; clock?: Clock } = {}) {
    this.node = node
    this.clock = clock
  }

  /** `agent`: the name of the program that runs in it. */
  addPane(sessionName: string, agent?: string): MemoryPane {
    const pane = new MemoryPane('default', this.nextPane++, sessionName, agent)
    this.panes.push(pane)
    return pane
  }

  removePane(pane: PaneRef): void {
    const index = this.panes.findIndex(({ paneId }) => paneId === pane.paneId)
    if (index >= 0) this.panes.splice(index, 1)
    this.swept.delete(pane.paneId)
  }

  async list(): Promise<Pane[]> {
    if (this.failure) throw this.failure
    return this.panes.map((pane) => pane.listed(this.clock.now()))
  }

  sweep(wanted: (pane: Pane) => boolean): Promise<Sweep> {
    return this.sweepOver(this.swept, wanted)
  }

  /** Sweeps of somebody else's: what they have seen is still news to `sweep`. */
  openSweeps(): Pick<SessionHost, 'sweep'> {
    const swept = new Map<string, string>()
    return { sweep: (wanted) => this.sweepOver(swept, wanted) }
  }

  async look(pane: PaneRef, searches: string[] = []): Promise<Look> {
    const found = this.find(pane)
    const look = found.look(this.clock.now(), searches)
    this.afterLook(found)
    return look
  }

  async history(pane: PaneRef, lines: number): Promise<string> {
    return this.find(pane).look(this.clock.now(), []).rows.slice(-lines).join('\n')
  }

  async paste(look: Look, text: string, marker: string): Promise<StepResult> {
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) {
      throw new AppError('invalid', "The text holds a control character, which can't be pasted.")
    }
    return this.step(look, marker, (pane) => pane.takePaste(text))
  }

  submit(look: Look, marker: string): Promise<StepResult> {
    return this.press(look, ['Enter'], marker)
  }

  async press(look: Look, keys: string[], marker: string): Promise<StepResult> {
    return this.step(look, marker, (pane) => {
      for (const key of keys) pane.takeKey(key)
    })
  }

  async mark(look: Look, marker: string): Promise<StepResult> {
    const pane = this.find(look)
    if (pane.pid !== look.pid || pane.marker !== look.marker) return 'refused'
    pane.marker = marker
    return 'done'
  }

  async create({ name, dir }: NewSession): Promise<PaneRef> {
    if (this.panes.some(({ sessionName }) => sessionName === name)) {
      throw new AppError('conflict', `The tmux session "${name}" exists already.`)
    }
    const pane = this.addPane(name)
    pane.path = dir
    return { server: pane.server, paneId: pane.paneId }
  }

  async kill(sessionName: string): Promise<void> {
    const ended = this.panes.filter((pane) => pane.sessionName === sessionName)
    if (ended.length === 0) throw new AppError('not_found', `There is no tmux session "${sessionName}".`)
    for (const pane of ended) this.removePane(pane)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  private step(look: Look, marker: string, act: (pane: MemoryPane) => void): StepResult {
    const pane = this.find(look)
    if (!isAsSeen(pane.look(look.at, Object.keys(look.searches)), look)) return 'refused'
    act(pane)
    pane.marker = marker
    return 'done'
  }

  private find({ paneId, server }: PaneRef): MemoryPane {
    if (this.failure) throw this.failure
    const pane = this.panes.find((candidate) => candidate.paneId === paneId)
    if (!pane) throw new AppError('not_found', `The pane ${server}/${paneId} is gone.`)
    return pane
  }

  private async sweepOver(swept: Map<string, string>, wanted: (pane: Pane) => boolean): Promise<Sweep> {
    const at = this.clock.now()
    const panes = await this.list()
    const seen = this.panes.filter((pane, index) => wanted(panes[index]!) && hasChanged(swept, pane))
    return { at, panes, changed: seen.map((pane) => pane.look(at, [])) }
  }
}

function isAsSeen(now: Look, seen: Look): boolean {
  if (now.dead || now.inMode || now.inputOff) return false
  return JSON.stringify(guarded(now)) === JSON.stringify(guarded(seen))
}

function guarded({ pid, command, marker, cursor, searches }: Look) {
  return [pid, command, marker, cursor, searches]
}

function hasChanged(swept: Map<string, string>, pane: MemoryPane): boolean {
  const now = pane.fingerprint()
  const isNews = swept.get(pane.paneId) !== now
  swept.set(pane.paneId, now)
  return isNews
}
