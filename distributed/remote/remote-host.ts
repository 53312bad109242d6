import type { SessionReading } from '../../app/core/agent.ts'
import type { Dialog } from '../../app/core/dialog.ts'
import {
  paneKey,
  type Look,
  type NewSession,
  type Pane,
  type PaneRef,
  type SessionHost,
  type StepResult,
  type Sweep,
} from '../../app/core/host.ts'
import type { CallAnswer } from '../protocol/calls.ts'
import type { Seen } from '../protocol/shapes.ts'
import type { NodeLink } from './link.ts'
import type { NodeTime } from './node-time.ts'

/** What the node read in a look of its own: only there are the process, its files and its record. */
export interface ReadThere {
  reading: SessionReading
  dialog: Dialog | null
}

/** tmux on another node. While that can't be heard everything throws `AwayError`. */
export class RemoteHost implements SessionHost {
  readonly #link: NodeLink
  readonly #time: NodeTime
  readonly #read = new WeakMap<Look, ReadThere>()
  /** What the last sweep listed: the next one is asked for by it, so that each is one question. */
  #swept: Pane[] | null = null

  constructor(link: NodeLink, time: NodeTime) {
    this.#link = link
    this.#time = time
  }

  get node(): string {
    return this.#link.node
  }

  /** What the node read in this look; undefined for one that is not of this host. */
  readThere(look: Look): ReadThere | undefined {
    return this.#read.get(look)
  }

  async list(): Promise<Pane[]> {
    return (await this.#link.call('list', {})).map((pane) => this.#time.pane(pane))
  }

  async sweep(wanted: (pane: Pane) => boolean): Promise<Sweep> {
    const keys = (this.#swept ?? (await this.list())).filter(wanted).map(paneKey)
    const asked = this.#time.now
    const { at, panes, changed } = await this.#link.call('sweep', { wanted: keys })
    await this.#time.keepUp(this.#link, at, asked)
    this.#swept = panes.map((pane) => this.#time.pane(pane))
    return {
      at: this.#time.ours(at),
      panes: this.#swept,
      changed: changed.map((read) => this.#keep(read)),
    }
  }

  async look(pane: PaneRef, searches: string[] = []): Promise<Look> {
    const asked = this.#time.now
    const read = await this.#link.call('look', { pane: refOf(pane), searches })
    await this.#time.keepUp(this.#link, read.look.at, asked)
    return this.#keep(read)
  }

  history(pane: PaneRef, lines: number): Promise<string> {
    return this.#link.call('history', { pane: refOf(pane), lines })
  }

  paste(look: Look, text: string, marker: string): Promise<StepResult> {
    return this.#link.call('paste', { seen: seenOf(look), text, marker })
  }

  submit(look: Look, marker: string): Promise<StepResult> {
    return this.#link.call('submit', { seen: seenOf(look), marker })
  }

  press(look: Look, keys: string[], marker: string): Promise<StepResult> {
    return this.#link.call('press', { seen: seenOf(look), keys, marker })
  }

  mark(look: Look, marker: string): Promise<StepResult> {
    return this.#link.call('mark', { seen: seenOf(look), marker })
  }

  create(session: NewSession): Promise<PaneRef> {
    return this.#link.call('create', session)
  }

  async kill(name: string, server?: string): Promise<void> {
    await this.#link.call('kill', { name, ...(server !== undefined && { server }) })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #keep({ look, reading, dialog }: CallAnswer<'look'>): Look {
    const ours = this.#time.look(look)
    this.#read.set(ours, { reading: this.#time.reading(reading), dialog })
    return ours
  }
}

function refOf({ server, paneId }: PaneRef): PaneRef {
  return { server, paneId }
}

/** A guard compares no rows, and they are most of a look. */
function seenOf({ rows: _rows, ...seen }: Look): Seen {
  return seen
}
