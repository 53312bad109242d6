import type { DecidedBy } from '../../core/interaction.ts'
import type { InteractionJson } from '../../http/schemas/interaction.ts'
import type { Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'

export function showInteractions(output: Output, rows: InteractionJson[], now: number): void {
  if (rows.length === 0) return output.line('Nobody asks anything.')
  output.table(rows, [
    { title: 'ID', value: ({ id }) => `#${id}` },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'SESSION', value: ({ session }) => session },
    { title: 'ASKS', value: ({ kind, tool }) => (kind === 'permission' ? tool : kind) },
    { title: 'SINCE', value: ({ asked_at: askedAt }) => renderAge(askedAt, now) },
    { title: 'WHAT', flexible: true, value: (row) => subjectOf(row) },
    { title: 'BY', value: ({ decided_by: by }) => (by ? nameOf(by) : '') },
  ])
}

export function showInteraction(output: Output, row: InteractionJson): void {
  output.line(`#${row.id}  ${row.state}  ${row.session} (${row.agent}) in ${row.cwd}`)
  output.line(
    `${row.kind === 'permission' ? `asks to use ${row.tool_name || row.tool}` : `asks a ${row.kind}`}: ${subjectOf(row)}`,
  )
  if (row.unsure !== null) output.line(`Not certain: ${row.unsure}.`)
  if (row.screen !== null) output.line(`\n${row.screen}\n`)
  row.options.forEach(({ label }, index) => output.line(`  ${index + 1}  ${label}`))
  if (row.answer_in_pane !== null) output.line(row.answer_in_pane)
  if (row.decision) output.line(`Rules: ${row.decision.effect}. ${row.decision.reason}`)
  if (row.decided_by) output.line(`Decided by ${nameOf(row.decided_by)}.`)
  if (row.reason !== null) output.line(`Note: ${row.reason}.`)
}

function subjectOf({ input, question }: InteractionJson): string {
  const text = input.command ?? input.paths?.join(' ') ?? input.url ?? question
  return text.split('\n')[0] ?? ''
}

function nameOf(decidedBy: NonNullable<InteractionJson['decided_by']>): string {
  const by = decidedBy as DecidedBy
  if (by.kind === 'pattern') return `pattern ${by.id} (version ${by.version})`
  if (by.kind === 'session') return `session ${by.name}`
  return by.kind === 'policy' ? `the policy for ${by.tier}` : by.name
}
