import type { EpochMs } from '../../core/clock.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { Nested } from './nest.ts'
import { paintPromptState, type Palette } from '../output/colour.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge, renderDuration, renderMoment } from '../output/time.ts'

/** The list that `prompts` shows: one line per prompt, and below what a person has to decide. */
export function showPrompts(output: Output, prompts: (Prompt | Nested)[], now: EpochMs) {
  if (prompts.length === 0)
    return output.line("No prompts. Queue one: ./deploy.sh assigner --send 'Say hello'")
  output.table(prompts, promptColumns(output.palette, now))
  for (const prompt of prompts) {
    if (prompt.attention !== null)
      output.line(output.palette.yellow(`▲ prompt ${prompt.id}: ${prompt.attention}`))
  }
}

function promptColumns(palette: Palette, now: EpochMs): Column<Prompt | Nested>[] {
  return [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    {
      title: 'STATE',
      value: ({ state, attention }) => (attention === null ? state : `${state} ▲`),
      paint: (text, { state }) => paintPromptState(palette, state)(text),
    },
    { title: 'PRI', align: 'right', value: ({ priority }) => String(priority) },
    { title: 'SESSION', value: whereItGoes },
    { title: 'QUEUED', align: 'right', value: ({ createdAt }) => renderAge(createdAt, now) },
    { title: 'TOOK', align: 'right', value: (prompt) => timeTaken(prompt, now) },
    {
      title: 'PROMPT',
      flexible: true,
      value: (prompt) => `${branch(prompt)}${prompt.content.slice(0, 100)}`,
    },
    { title: 'NOTE', value: (prompt) => noteOn(prompt, now), paint: palette.dim },
  ]
}

function branch(prompt: Prompt | Nested): string {
  const level = 'level' in prompt ? prompt.level : 0
  return level === 0 ? '' : `${'  '.repeat(level - 1)}└ `
}

function whereItGoes({ sessionName, target }: Prompt): string {
  if (sessionName !== null) return sessionName
  const wish = target.session ?? target.agent ?? target.tag ?? target.tier ?? target.dir ?? target.node
  return wish === undefined ? '' : `(${wish})`
}

function timeTaken({ startedAt, endedAt, state }: Prompt, now: EpochMs): string {
  if (startedAt === null || state === 'pending' || state === 'staged') return ''
  return renderDuration((endedAt ?? now) - startedAt)
}

/** Why it waits or why it ended, cut so that the text of the prompt stays readable. */
function noteOn(prompt: Prompt, now: EpochMs): string {
  const { state, hold, wakeAt, waitingFor, reason, attempts } = prompt
  const tries = attempts > 1 ? `attempt ${attempts}` : ''
  if (state === 'pending' && hold !== null)
    return [tries, describeHold(prompt, now)].filter(Boolean).join(', ')
  const why = state === 'pending' ? (wakeAt === null ? waitingFor : null) : reason
  return [tries, why?.slice(0, 60)].filter(Boolean).join(', ')
}

function describeHold({ hold, wakeAt, after }: Prompt, now: EpochMs): string {
  const at = wakeAt === null ? '' : ` ${renderMoment(wakeAt, now)}`
  const words = {
    dependency: `after ${after.map((id) => `#${id}`).join(', ')}`,
    limited: `usage limit${at && ` until${at}`}`,
    children: 'for what it delegated',
    backoff: `tried again${at && ` at${at}`}`,
    not_before: `not before${at}`,
  }
  return hold === null ? '' : words[hold]
}
