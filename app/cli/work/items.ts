import { workGlyph, type WorkItem, type WorkKind } from '../../core/work.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withSide } from '../with.ts'
import type { WorkOptions } from './command.ts'
import { workDesks } from './desk.ts'

const usualLimit = 50

export async function listItems(kind: WorkKind, options: WorkOptions): Promise<void> {
  const output = openOutput(options)
  const { limit = usualLimit, project, status, assignee, search } = options
  await withSide(workDesks, async (desk) => {
    const statuses = status && [status]
    const items = await desk.items({ kind, limit, project, statuses, assignee, text: search })
    if (output.json) return output.document({ items: toJson(items), next_cursor: null })
    if (items.length === 0) return output.line('None.')
    const now = Date.now()
    output.table(items, [
      { title: 'KEY', value: ({ key }) => key },
      { title: 'STATUS', value: statusWords },
      { title: 'P', align: 'right', value: ({ priority }) => String(priority) },
      ...(kind === 'bug' ? [{ title: 'SEVERITY', value: ({ severity }: WorkItem) => severity ?? '' }] : []),
      { title: 'CHANGED', align: 'right', value: ({ updatedAt }) => renderAge(updatedAt, now) },
      { title: 'ASSIGNEE', value: ({ assignee: who }) => who ?? '' },
      { title: 'TITLE', flexible: true, value: ({ title }) => title },
    ])
  })
}

export async function showItem(ref: string, options: WorkOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(workDesks, async (desk) => say(output, await desk.item(ref)))
}

export async function addItem(kind: WorkKind, title: string, options: WorkOptions): Promise<void> {
  const output = openOutput(options)
  const { project = '', description = '', priority = 0, severity, assignee = null } = options
  const words = { title, description, priority, assignee, milestoneId: null, metadata: {} }
  await withSide(workDesks, async (desk) => {
    const ofBug = kind === 'bug' ? (severity ?? 'medium') : null
    const item = await desk.addItem(kind, project, { ...words, severity: ofBug })
    if (output.json) output.document(toJson(item))
    else output.line(`${item.key} is written down.`)
  })
}

export async function setItem(ref: string, options: WorkOptions): Promise<void> {
  const output = openOutput(options)
  const { title, description, priority, severity, assignee, status } = options
  await withSide(workDesks, async (desk) => {
    const item = await desk.setItem(ref, { title, description, priority, severity, assignee, status })
    if (output.json) output.document(toJson(item))
    else output.line(`${item.key} is ${item.status.replace('_', ' ')}.`)
  })
}

function say(output: Output, item: WorkItem) {
  if (output.json) return output.document(toJson(item))
  const facts = [
    statusWords(item),
    `priority ${item.priority}`,
    item.severity,
    item.assignee,
    item.promptId === null ? null : `prompt ${item.promptId}`,
  ]
  output.line(`${item.key} ${item.title}`)
  output.line(facts.filter(Boolean).join(' · '))
  if (item.note !== null) output.line(item.note)
  if (item.description !== '') output.line(`\n${item.description}`)
}

function statusWords({ status }: WorkItem): string {
  return `${workGlyph[status]} ${status.replace('_', ' ')}`
}
