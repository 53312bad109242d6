import type { AgentFinder } from '../../../agents/process.ts'
import type { Clock } from '../../../core/clock.ts'
import { MemoryHost } from '../../../../distributed/simulator/memory-host.ts'
import type { MemoryPane } from '../../../../distributed/simulator/memory-pane.ts'
import { chance, oneOf, random, randomSize } from './chance.ts'

/** Agents at work in panes that exist in memory only: turns, dialogs, limits, sessions that come and go. */
export class SimulatedSessions {
  readonly host: MemoryHost
  readonly finder: AgentFinder
  readonly #clock: Clock
  readonly #dirs: string[]
  readonly #byPid = new Map<number, MemoryPane>()
  #opened = 0

  /** `dirs` are the folders that agents work in. */
  constructor({ node, clock, dirs }: { node: string; clock: Clock; dirs: string[] }) {
    this.#clock = clock
    this.#dirs = dirs
    this.host = new MemoryHost({ node, clock })
    this.finder = { find: (pid) => this.#find(pid) }
  }

  get names(): string[] {
    return this.host.panes.map(({ sessionName }) => sessionName)
  }

  open(): void {
    this.#opened += 1
    const pane = this.host.addPane(`dev_${this.#opened}`)
    pane.path = oneOf(this.#dirs)
    pane.standInFrom = { chars: 800, lines: 10 }
    pane.reaction = (_pane, prompt) => void this.#react(pane, prompt)
    this.#byPid.set(pane.pid, pane)
  }

  /** Whatever it does at that moment. */
  end(pane: MemoryPane): void {
    this.#byPid.delete(pane.pid)
    this.host.removePane(pane)
  }

  /** A person types half a line into some session, thinks for a while, and takes it out again. */
  async typeHalfALine(): Promise<void> {
    const pane = oneOf(this.host.panes)
    pane.typedAt = this.#clock.now()
    pane.type('what if we')
    await this.#clock.sleep(5_000 + random(20_000))
    pane.draft = ''
  }

  async #react(pane: MemoryPane, prompt: string) {
    forgetOld(pane)
    if (prompt === '/clear') return
    if (chance(0.02)) return this.#meetLimit(pane)
    pane.busy = true
    if (chance(0.03)) await this.#ask(pane)
    await this.#work(pane, this.#clock.now() + randomSize(10_000, 90_000))
    if (pane.busy) pane.answer(`Done with ${prompt.length} characters at ${this.#clock.now()}.`)
  }

  /** Says something every few seconds, until the turn is over or was interrupted. */
  async #work(pane: MemoryPane, until: number) {
    while (pane.busy && this.#clock.now() < until) {
      await this.#clock.sleep(Math.min(3_000, until - this.#clock.now()))
      if (pane.busy) pane.history.push(`● read app/file-${random(1_000)}.ts at ${this.#clock.now()}`)
    }
  }

  async #meetLimit(pane: MemoryPane) {
    const seconds = 120 + random(600)
    pane.notice = `Usage limit reached · resets in ${seconds}s`
    await this.#clock.sleep(seconds * 1_000)
    pane.notice = null
  }

  async #ask(pane: MemoryPane) {
    await this.#clock.sleep(4_000)
    pane.dialog = 'Allow this command?'
    await this.#clock.sleep(5_000 + random(40_000))
    pane.dialog = null
  }

  #find(panePid: number) {
    const pane = this.#byPid.get(panePid)
    if (!pane) return null
    return {
      kind: 'scripted',
      pid: panePid + 100_000,
      startedAt: panePid,
      argv: ['scripted'],
      cwd: pane.path,
      home: null,
      claudeConfigDir: null,
      codexHome: null,
      xdgDataHome: null,
    }
  }
}

/** A pane remembers everything for the tests; a day of it would be measured as the assigner's memory. */
function forgetOld(pane: MemoryPane) {
  pane.received = ''
  pane.prompts = []
  pane.history = pane.history.slice(-pane.height)
}
