import type { Screen } from '../core/agent.ts'
import type { Clock, EpochMs } from '../core/clock.ts'
import type { AgentKind, SessionState } from '../core/session.ts'
import { compareVersions } from './conditions.ts'

/*
 * A new release can draw what no rule knows, or draw something new that an old rule takes for something else.
 * Neither may be typed into by itself. Judged per kind and version: one bad screen is enough to distrust every
 * session of that release, and a release that reads well is never distrusted for the number it carries.
 */

/** One look at a live agent. */
export interface DriftObservation {
  kind: AgentKind
  /** Null: nothing told it; counts as unrecorded. */
  version: string | null
  /** Which pane, so that two panes' screens are not taken for one that lasts. */
  pane: string
  /** A rule fits the screen (`ScreenReading.known`). */
  known: boolean
  state: SessionState
  /** What stronger evidence (status file, hook, title) says at this moment; null when nothing says anything. */
  contradictedBy: { source: string; state: SessionState } | null
  screen: Screen
}

export interface DriftVerdict {
  kind: AgentKind
  version: string | null
  since: EpochMs
  /** A sentence for a person. */
  reason: string
}

export interface DriftOptions {
  clock: Clock
  /** Versions that the rules of a kind were recorded from. */
  recorded: (kind: AgentKind) => readonly string[]
  /** Keeps the screen that caused a verdict; called once per kind and version. */
  capture: (verdict: DriftVerdict, screen: Screen) => void
  /** How long it must last: an agent that redraws shows half a screen for a moment. */
  lastsMs?: number
}

export const driftLastsMs = 4000

export class DriftWatch {
  readonly #options: DriftOptions
  /** Since when each pane shows what it shows: key is pane, kind, version and kind of fault. */
  readonly #since = new Map<string, EpochMs>()
  readonly #verdicts = new Map<string, DriftVerdict>()

  constructor(options: DriftOptions) {
    this.#options = options
  }

  /** Takes one look into account; returns why the release is untrusted, or null. */
  observe(observation: DriftObservation): DriftVerdict | null {
    const standing = this.untrusted(observation.kind, observation.version)
    if (standing) return standing
    const unknown = !observation.known && !this.#isRecorded(observation)
    const reasons = [
      this.#lasts(`${observation.pane} unknown`, unknown) && this.#unknownScreen(observation),
      this.#lasts(`${observation.pane} contradicted`, contradicts(observation)) && contradiction(observation),
    ]
    const reason = reasons.find((text) => text !== false)
    return reason === undefined ? null : this.#distrust(observation, reason)
  }

  /** The standing verdict on a release. */
  untrusted(kind: AgentKind, version: string | null): DriftVerdict | null {
    return this.#verdicts.get(releaseKey(kind, version)) ?? null
  }

  /** A person looked at it and takes the rules for right. */
  trust(kind: AgentKind, version: string | null) {
    this.#verdicts.delete(releaseKey(kind, version))
    this.#since.clear()
  }

  /** Forgets a pane that is gone. */
  forget(pane: string) {
    for (const fault of ['unknown', 'contradicted']) this.#since.delete(`${pane} ${fault}`)
  }

  #isRecorded({ kind, version }: DriftObservation): boolean {
    return (
      version !== null && this.#options.recorded(kind).some((known) => compareVersions(known, version) === 0)
    )
  }

  #lasts(key: string, isFault: boolean): boolean {
    if (!isFault) {
      this.#since.delete(key)
      return false
    }
    const now = this.#options.clock.now()
    const since = this.#since.get(key) ?? now
    this.#since.set(key, since)
    return now - since >= (this.#options.lastsMs ?? driftLastsMs)
  }

  #unknownScreen({ kind, version }: DriftObservation): string {
    const newest = this.#options.recorded(kind).toSorted(compareVersions).at(-1) ?? 'no version'
    return `${nameOf(kind, version)} draws a screen that no rule knows; the rules were recorded up to ${newest}`
  }

  #distrust({ kind, version, screen }: DriftObservation, reason: string): DriftVerdict {
    const verdict = { kind, version, since: this.#options.clock.now(), reason }
    this.#verdicts.set(releaseKey(kind, version), verdict)
    this.#options.capture(verdict, screen)
    return verdict
  }
}

/**
 * Only what would make us type or approve wrongly is a contradiction: the screen reads as free while something
 * stronger says that the agent works or asks. The other way round costs a wait and nothing else.
 */
function contradicts({ state, contradictedBy }: DriftObservation): boolean {
  if (contradictedBy === null) return false
  const free = state === 'idle' || state === 'error'
  return free && ['busy', 'permission', 'question', 'onboarding'].includes(contradictedBy.state)
}

function contradiction({ kind, version, state, contradictedBy }: DriftObservation): string {
  return `${nameOf(kind, version)} looks ${state} while its ${contradictedBy?.source ?? 'record'} says ${contradictedBy?.state ?? 'otherwise'}`
}

function nameOf(kind: AgentKind, version: string | null): string {
  return version === null ? `${kind} (version unknown)` : `${kind} ${version}`
}

function releaseKey(kind: AgentKind, version: string | null): string {
  return `${kind} ${version ?? ''}`
}
