import type { ScreenReading } from '../core/agent.ts'
import type { EpochMs } from '../core/clock.ts'
import type { Evidence, Reading, SessionState } from '../core/session.ts'

/*
 * One verdict from many witnesses. Who is believed when two disagree:
 *
 * 1. The process: a dead agent's screen, title and status file all still say "busy".
 * 2. A dialog that the screen draws: the status file knows that something is open, not what.
 * 3. The status file (Claude ≥ 2.1.139): written within 150 ms of the change, sees turns that draw nothing.
 * 4. The screen, with the title among its rules.
 *
 * A state may come from one witness; `acceptsPrompt` needs all of them.
 */

/** What Claude's own status file says; null when there is none for this very process. */
export interface StatusWord {
  /** `idle`, `busy`, `waiting`, `shell`; other words of later versions count as not idle. */
  status: string
  /** `permission prompt`, `input needed`, `dialog open`. */
  waitingFor: string | null
  updatedAt: EpochMs
}

export interface Witnesses {
  at: EpochMs
  /** A sentence about the agent's process; null when none runs in the pane. */
  process: string | null
  screen: ScreenReading
  status: StatusWord | null
  /** Why this kind and version is not trusted; null when it is. */
  mistrust: string | null
}

export function fuse(witnesses: Witnesses): Reading {
  const { screen, status, mistrust, at } = witnesses
  if (witnesses.process === null) return withoutProcess(witnesses)
  const alive: Evidence = { source: 'process', at, says: witnesses.process }
  const said = status ? statusEvidence(status) : []
  const spoken = statusState(status)
  const state = agree(screen.state, spoken)
  const decisive = state === screen.state ? screen.evidence : said
  const others = [...screen.evidence, ...said].filter((piece) => !decisive.includes(piece))
  return {
    ...screen,
    state,
    acceptsPrompt: screen.acceptsPrompt && mayType(status) && mistrust === null,
    trusted: mistrust === null,
    rule: state === screen.state ? screen.rule : `status-file/${status?.status ?? 'none'}`,
    evidence: [...decisive, alive, ...others, ...mistrustEvidence(mistrust, at)],
  }
}

function withoutProcess({ screen, at }: Witnesses): Reading {
  const gone: Evidence = { source: 'process', at, says: 'no agent runs in this pane', state: 'not_agent' }
  return {
    ...screen,
    agent: null,
    state: 'not_agent',
    acceptsPrompt: false,
    draft: false,
    composer: null,
    trusted: true,
    rule: 'process/none',
    evidence: [gone, ...screen.evidence],
  }
}

/**
 * What the screen draws in place of the input box is more exact than the file's word for it. A screen that is
 * busy against an idle file stays busy: `!ls` and other work without a turn is not in the file.
 */
function agree(drawn: SessionState, spoken: SessionState | null): SessionState {
  if (spoken === null || drawn === spoken) return drawn
  const exact: SessionState[] = ['permission', 'question', 'menu', 'onboarding', 'limited']
  if (spoken === 'idle') return drawn === 'not_agent' ? 'idle' : drawn
  if (spoken === 'busy') return 'busy'
  return exact.includes(drawn) ? drawn : spoken
}

/** The state that the status file speaks for. */
export function statusState(status: StatusWord | null): SessionState | null {
  if (!status) return null
  if (status.status === 'idle' || status.status === 'shell') return 'idle'
  if (status.status !== 'waiting') return 'busy'
  if (status.waitingFor === 'permission prompt' || status.waitingFor === 'sandbox request')
    return 'permission'
  return status.waitingFor === 'dialog open' ? 'menu' : 'question'
}

function mayType(status: StatusWord | null): boolean {
  return status === null || statusState(status) === 'idle'
}

function statusEvidence(status: StatusWord): Evidence[] {
  const waiting = status.waitingFor === null ? '' : ` (${status.waitingFor})`
  const state = statusState(status)
  const says = `its status file says ${status.status}${waiting}`
  return [{ source: 'status_file', at: status.updatedAt, says, ...(state && { state }) }]
}

function mistrustEvidence(mistrust: string | null, at: EpochMs): Evidence[] {
  return mistrust === null ? [] : [{ source: 'screen', at, says: mistrust, rule: 'drift' }]
}
