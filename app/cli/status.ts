import type { Command } from 'commander'
import { promptStates, type PromptState } from '../core/prompt.ts'
import { sessionStates, stateGlyph, type SessionState } from '../core/session.ts'
import type { Prompt } from '../core/prompt.ts'
import type { Desk, Figures } from './desk/desk.ts'
import { paintSessionState, type Palette } from './output/colour.ts'
import { toJson } from '../json.ts'
import { openOutput } from './output/output.ts'
import { renderAge, renderDuration } from './output/time.ts'
import type { SessionRow } from '../broker/session-view.ts'
import { withDesk } from './with.ts'

export function addStatus(program: Command) {
  program
    .command('status')
    .description('what runs, what waits, what needs a person')
    .option('--json', 'answer in JSON')
    .action(showStatus)
}

export async function showStatus(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    if (output.json) output.document(toJson(await gatherStatus(desk)))
    else (await statusLines(desk, output.palette)).forEach((line) => output.line(line))
  })
}

interface Status extends Figures {
  /** The data folder, or the dashboard that was asked. */
  dataDir: string
  sessions: Record<SessionState, number>
  running: Prompt[]
  /** Prompts about which a person has to decide something. */
  attention: Prompt[]
}

/** Enough to show; more of them are counted anyway. */
const shownPrompts = 50

async function gatherStatus(desk: Desk): Promise<Status> {
  const [figures, sessions, live, waiting] = await Promise.all([
    desk.figures(),
    desk.sessions(),
    desk.prompts({ states: ['assigned', 'in_progress', 'restarting'], limit: shownPrompts }),
    desk.prompts({ states: ['pending'], limit: shownPrompts }),
  ])
  return {
    dataDir: desk.where,
    ...figures,
    sessions: countStates(sessions),
    running: live.items,
    attention: [...live.items, ...waiting.items].filter(({ attention }) => attention !== null),
  }
}

/** The answers to three questions: does anything need me, does work flow, what runs. */
export async function statusLines(desk: Desk, palette: Palette): Promise<string[]> {
  const status = await gatherStatus(desk)
  const now = Date.now()
  return [
    `Dashboard  ${dashboardInWords(status, now)}`,
    `Assigner   ${assignerInWords(status, now)}`,
    `Sessions   ${sessionsInWords(status.sessions, palette)}`,
    `Queue      ${queueInWords(status, now)}`,
    ...status.running.map(
      (prompt) => `  #${prompt.id}  ${prompt.sessionName ?? ''}  ${runningTime(prompt, now)}`,
    ),
    ...status.attention.map(({ id, attention }) => palette.yellow(`▲ prompt ${id}: ${attention}`)),
  ]
}

function dashboardInWords({ dashboard }: Status, now: number): string {
  if (!dashboard.running) return 'not running; start it with ./deploy.sh --daemon'
  const { address = 'an address that it has not said yet', pid, startedAt, version } = dashboard
  return `at ${address} (version ${version}, pid ${pid}, for ${renderAge(startedAt, now)})`
}

function assignerInWords({ assigner, controls, dataDir }: Status, now: number): string {
  const mode = controls.draining ? ', draining' : controls.paused ? ', paused (--resume opens the queue)' : ''
  if (!assigner.running) return `not running on ${dataDir}; start it with ./deploy.sh --daemon${mode}`
  return `running on ${dataDir} (pid ${assigner.pid}, for ${renderAge(assigner.startedAt, now)})${mode}`
}

function sessionsInWords(counts: Status['sessions'], palette: Palette): string {
  const parts = sessionStates
    .filter((state) => counts[state] > 0)
    .map((state) => paintSessionState(palette, state)(`${stateGlyph[state]} ${counts[state]} ${state}`))
  return parts.join(' · ') || "none; start an agent: tmux new-session -d -s dev 'claude'"
}

function queueInWords({ prompts, oldestWaitingSince }: Status, now: number): string {
  const words: Record<PromptState, string> = {
    staged: 'to approve',
    pending: 'waiting',
    assigned: 'being delivered',
    in_progress: 'running',
    restarting: 'restarting',
    completed: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
  }
  const age = oldestWaitingSince === null ? '' : ` (oldest ${renderAge(oldestWaitingSince, now)})`
  const parts = promptStates
    .filter((state) => prompts[state] > 0)
    .map((state) => `${prompts[state]} ${words[state]}${state === 'pending' ? age : ''}`)
  return parts.join(' · ') || 'empty'
}

function runningTime({ startedAt, state }: Prompt, now: number): string {
  return startedAt === null ? state : renderDuration(now - startedAt)
}

function countStates(sessions: SessionRow[]): Record<SessionState, number> {
  const counts = Object.fromEntries(sessionStates.map((state) => [state, 0])) as Record<SessionState, number>
  for (const { state } of sessions) counts[state] += 1
  return counts
}
