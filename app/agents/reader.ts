import type { AgentReader, DeliveryProfile, Screen, SessionReading } from '../core/agent.ts'
import { systemClock, type Clock, type EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { paneKey, type Look, type Pane } from '../core/host.ts'
import type { AgentKind, Reading } from '../core/session.ts'
import type { Turn } from '../core/turn.ts'
import type { Dialog, DialogKeys } from '../core/dialog.ts'
import { readDialog } from './dialog.ts'
import { DriftWatch, type DriftVerdict } from './drift.ts'
import { fuse, statusState } from './fuse.ts'
import { createHookRecords, type HookEntry, type HookRecords } from './hook-record.ts'
import { hookEvidence, hookTurn, isTurnOpen } from './hook-turn.ts'
import type { AgentLibrary } from './library.ts'
import { LimitMemory } from './limit-memory.ts'
import { createAgentFinder, type AgentFinder, type AgentProcess } from './process.ts'
import { readScreen } from './screen.ts'
import { plainRows } from './view.ts'
import { createStatusReader, type ClaudeStatus, type StatusReader } from './status-file.ts'
import { createTranscripts, type Transcripts } from './transcript/find-turn.ts'
import { mergeTurns } from './merge-turns.ts'

export interface ReaderOptions {
  clock?: Clock
  /** Gets the screen that made a release untrusted; called once for each. */
  onDrift?: (verdict: DriftVerdict, screen: Screen) => void
  /** Finds the agent behind a pane; the processes of this machine when absent. */
  finder?: AgentFinder
  /** Where the assigner keeps what hooks told; nothing is known of hooks when absent. */
  hookRecords?: string
}

/** Reads live panes: process, status file and screen together, and the agent's own record of its turns. */
export function createReader(library: AgentLibrary, options: ReaderOptions = {}): AgentReader {
  return new LiveReader(library, options)
}

class LiveReader implements AgentReader {
  readonly #library: AgentLibrary
  readonly #clock: Clock
  readonly #finder: AgentFinder
  readonly #statuses: StatusReader = createStatusReader()
  readonly #transcripts: Transcripts = createTranscripts()
  readonly #limits = new LimitMemory()
  readonly #drift: DriftWatch
  readonly #hooks: HookRecords
  /** The process behind each reading that was handed out, for the questions that follow. */
  readonly #processes = new WeakMap<Reading, Who>()

  constructor(library: AgentLibrary, { clock = systemClock, onDrift, finder, hookRecords }: ReaderOptions) {
    this.#library = library
    this.#clock = clock
    this.#finder = finder ?? createAgentFinder([...library.values()].map(({ process }) => process))
    this.#hooks = createHookRecords(hookRecords ?? null)
    this.#drift = new DriftWatch({
      clock,
      recorded: (kind) => library.get(kind)?.recorded ?? [],
      capture: (verdict, screen) => onDrift?.(verdict, screen),
    })
  }

  mayHoldAgent(pane: Pane): boolean {
    return !pane.dead && this.#finder.find(pane.pid) !== null
  }

  read(look: Look): SessionReading {
    const agent = look.dead ? null : this.#finder.find(look.pid)
    const status = agent ? this.#statuses.read(agent) : null
    const now = this.#clock.now()
    const screen = readScreen(this.#library, look, {
      ...(agent && { agent: agent.kind }),
      version: status?.version ?? null,
      now,
    })
    const mistrust = agent ? this.#judge(agent, look, screen, status) : null
    const reading = fuse({ at: now, process: agent && describe(agent), screen, status, mistrust })
    const generation = agent ? generationOf(look, agent) : null
    const remembered = generation === null ? reading : this.#limits.apply(generation, reading, now)
    const told = agent ? this.#hooks.of(agent) : []
    const session = {
      ...remembered,
      evidence: [...remembered.evidence, ...hookEvidence(told)],
      generation,
      pid: agent?.pid ?? null,
      cwd: agent?.cwd ?? look.path,
      record: agent ? this.#recordOf(agent) : ('nothing' as const),
      turnOpen: isTurnOpen(told) && !saysIdleSince(status, told),
    }
    if (agent) this.#processes.set(session, { agent, status })
    return session
  }

  profileOf(agent: AgentKind): DeliveryProfile {
    const rules = this.#library.get(agent)
    if (!rules) throw new AppError('not_found', `There are no rules for the agent kind "${agent}".`)
    return rules.delivery
  }

  readDialog(look: Look, { agent, state }: Reading): Dialog | null {
    if (state !== 'permission' && state !== 'question') return null
    const answers = this.#library.get(agent ?? '')?.answers
    return readDialog(look, plainRows(look), answers ?? null, state)
  }

  dialogKeysOf(agent: AgentKind): DialogKeys | null {
    return this.#library.get(agent)?.answers?.keys ?? null
  }

  async findTurn(reading: SessionReading, text: string, since: EpochMs): Promise<Turn | null> {
    const who = this.#processes.get(reading)
    if (!who) return null
    const sessionId = who.status?.sessionId ?? null
    const recorded = this.#transcripts.findTurn({ agent: who.agent, sessionId, text, since })
    return mergeTurns(hookTurn(this.#hooks.of(who.agent), text, since), recorded)
  }

  #recordOf({ home, kind }: AgentProcess): SessionReading['record'] {
    if (home === null || !this.#transcripts.has(kind)) return 'nothing'
    return this.#transcripts.tellsEnds(kind) ? 'turns' : 'prompts'
  }

  #judge(
    agent: AgentProcess,
    look: Look,
    { known, state, version }: ReturnType<typeof readScreen>,
    status: ClaudeStatus | null,
  ): string | null {
    const spoken = statusState(status)
    const verdict = this.#drift.observe({
      kind: agent.kind,
      version,
      pane: paneKey(look),
      known,
      state,
      contradictedBy: spoken === null || spoken === state ? null : { source: 'status file', state: spoken },
      screen: look,
    })
    return verdict?.reason ?? null
  }
}

/** Claude's own word is newer than the prompt: after Escape no hook says that the turn is over. */
function saysIdleSince(status: ClaudeStatus | null, told: readonly HookEntry[]): boolean {
  const receipt = told.findLast(({ type }) => type === 'prompt_received')
  return receipt !== undefined && statusState(status) === 'idle' && (status?.updatedAt ?? 0) > receipt.at
}

interface Who {
  agent: AgentProcess
  status: ClaudeStatus | null
}

function generationOf(look: Look, agent: AgentProcess): string {
  return `${look.pid}.${agent.pid}.${agent.startedAt}`
}

function describe({ kind, pid }: AgentProcess): string {
  return `${kind} runs in the foreground (pid ${pid})`
}
