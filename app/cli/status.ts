import type { Command } from 'commander'
import { promptStates, type PromptState } from '../core/prompt.ts'
import { sessionStates, stateGlyph, type SessionState } from '../core/session.ts'
import { getControls, type Controls } from '../db/controls.ts'
import { listPrompts, promptCounts, queueOf } from '../db/prompts.ts'
import { runningInstance, type Instance } from '../single-instance.ts'
import type { Prompt } from '../core/prompt.ts'
import { assignerName } from './assigner/start.ts'
import { paintSessionState, type Palette } from './output/colour.ts'
import { toJson } from '../json.ts'
import { openOutput } from './output/output.ts'
import { renderAge, renderDuration } from './output/time.ts'
import { sessionRows } from './sessions/list.ts'
import type { SessionRow } from '../broker/session-view.ts'
import type { Records } from '../records.ts'
import { withDatabase } from './with.ts'

export function addStatus(program: Command) {
  program
    .command('status')
    .description('what runs, what waits, what needs a person')
    .option('--json', 'answer in JSON')
    .action(showStatus)
}

export async function showStatus(options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    if (output.json) output.document(toJson(await gatherStatus(records)))
    else (await statusLines(records, output.palette)).forEach((line) => output.line(line))
  })
}

interface Status {
  dataDir: string
  assigner: ({ running: true } & Instance) | { running: false }
  controls: Controls
  prompts: Record<PromptState, number>
  sessions: Record<SessionState, number>
  running: Prompt[]
  /** Prompts about which a person has to decide something. */
  attention: Prompt[]
  oldestWaitingSince: number | null
}

/** Enough to show; more of them are counted anyway. */
const shownPrompts = 50

async function gatherStatus(records: Records): Promise<Status> {
  const { database, config } = records
  const db = database.kysely
  const instance = runningInstance(config.dataDir, assignerName)
  const live = await listPrompts(db, {
    states: ['assigned', 'in_progress', 'restarting'],
    limit: shownPrompts,
  })
  const waiting = await queueOf(db, shownPrompts)
  return {
    dataDir: config.dataDir,
    assigner: instance ? { running: true, ...instance } : { running: false },
    controls: await getControls(db),
    prompts: await promptCounts(db),
    sessions: countStates(await sessionRows(records)),
    running: live.items,
    attention: [...live.items, ...waiting].filter(({ attention }) => attention !== null),
    oldestWaitingSince: waiting.length > 0 ? Math.min(...waiting.map(({ enqueuedAt }) => enqueuedAt)) : null,
  }
}

/** The answers to three questions: does anything need me, does work flow, what runs. */
export async function statusLines(records: Records, palette: Palette): Promise<string[]> {
  const status = await gatherStatus(records)
  const now = records.clock.now()
  return [
    `Assigner   ${assignerInWords(status, now)}`,
    `Sessions   ${sessionsInWords(status.sessions, palette)}`,
    `Queue      ${queueInWords(status, now)}`,
    ...status.running.map(
      (prompt) => `  #${prompt.id}  ${prompt.sessionName ?? ''}  ${runningTime(prompt, now)}`,
    ),
    ...status.attention.map(({ id, attention }) => palette.yellow(`▲ prompt ${id}: ${attention}`)),
  ]
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
