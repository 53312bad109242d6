import { counted } from '../../core/counted.ts'
import type { Prompt, PromptId } from '../../core/prompt.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderDuration } from '../output/time.ts'
import type { ShownAttempt } from '../../broker/shown-attempt.ts'
import type { Desk } from '../desk/desk.ts'
import { withDesk } from '../with.ts'

/**
 * `--result ID`: the answer alone on stdout, so that it can be piped; how it came about on stderr. With
 * `--json` everything: the prompt, its attempts, tokens and changes. Exit code 1 when there is no answer.
 */
export async function showResult(id: PromptId, options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => reportResult(desk, await desk.prompt(id), output))
}

/** Sets the exit code as well. */
export async function reportResult(desk: Desk, prompt: Prompt, output: Output): Promise<void> {
  if (output.json) await documentResult(desk, prompt, output)
  else await showAnswer(desk, prompt, output)
  process.exitCode = prompt.state === 'completed' ? 0 : 1
}

export async function showAnswer(desk: Desk, prompt: Prompt, output: Output): Promise<void> {
  const last = (await desk.attempts(prompt.id)).at(-1)
  if (last?.answer) output.line(last.answer)
  output.remark(output.palette.dim(summarise(prompt, last)))
  if (prompt.attention !== null)
    output.remark(`▲ ${prompt.attention}\n  Decide with --resolve ${prompt.id} --as completed|failed|retry`)
}

async function documentResult(desk: Desk, prompt: Prompt, output: Output): Promise<void> {
  const attempts = await desk.attempts(prompt.id)
  const last = attempts.at(-1)
  output.document({
    prompt_id: prompt.id,
    state: prompt.state,
    reason: prompt.reason,
    answer: last?.answer ?? null,
    duration_ms: durationOf(prompt),
    tokens_in: last?.tokensIn ?? null,
    tokens_out: last?.tokensOut ?? null,
    cost_usd: last?.costUsd ?? null,
    changes: toJson(last?.changes ?? null),
    prompt: toJson(prompt),
    attempts: toJson(attempts),
  })
}

function durationOf({ startedAt, endedAt }: Prompt): number | null {
  return startedAt === null || endedAt === null ? null : endedAt - startedAt
}

/** `prompt 7 completed by dev_w1 in 6:12 · 12.4k tokens · 3 files +84 −12 · 1 commit`. */
function summarise(prompt: Prompt, attempt: ShownAttempt | undefined): string {
  const by = prompt.sessionName === null ? '' : ` by ${prompt.sessionName}`
  const duration = durationOf(prompt)
  const head =
    `prompt ${prompt.id} ${prompt.state}${prompt.state === 'completed' ? by : ''}` +
    (duration === null ? '' : ` in ${renderDuration(duration)}`) +
    (prompt.reason === null ? '' : `: ${prompt.reason}`)
  return [head, ...(attempt ? facts(attempt) : [])].join(' · ')
}

function facts({ tokensIn, tokensOut, costUsd, changes, answer, outcome }: ShownAttempt): string[] {
  const tokens = (tokensIn ?? 0) + (tokensOut ?? 0)
  return [
    ...(outcome === 'completed' && answer === null ? ['no answer could be read'] : []),
    ...(tokens > 0 ? [`${abbreviate(tokens)} tokens`] : []),
    ...(costUsd === null ? [] : [`$${costUsd.toFixed(2)}`]),
    ...(changes && changes.files.length > 0
      ? [`${counted(changes.files.length, 'file')} +${changes.addedLines} −${changes.removedLines}`]
      : []),
    ...(changes && changes.commits.length > 0 ? [counted(changes.commits.length, 'commit')] : []),
  ]
}

function abbreviate(count: number): string {
  return count < 1000 ? String(count) : `${(count / 1000).toFixed(1)}k`
}
