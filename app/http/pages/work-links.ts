import { errorGlyph } from '../../core/reported-error.ts'
import type { PromptId } from '../../core/prompt.ts'
import { taskGlyph, type TaskId } from '../../core/task.ts'
import { workGlyph, type WorkItem, type WorkLink } from '../../core/work.ts'
import type { Db } from '../../db/schema.ts'
import { linksOfWork, workLinkedTo } from '../../db/work/links.ts'
import { workByIds } from '../../db/work/read.ts'
import { named, promptGlyph } from '../words.ts'

interface ShownLink {
  /** null: the other item's own, to be removed there. */
  id: number | null
  relation: string
  words: string
  href: string | null
  glyph: string
  state: string
}

/** What an item has to do with, with what became of that; and the items that say so of it. */
export async function shownLinks(db: Db, item: WorkItem): Promise<ShownLink[]> {
  const [links, from] = await Promise.all([
    linksOfWork(db, item.id),
    workLinkedTo(db, 'item', String(item.id)),
  ])
  const refs = (kind: WorkLink['kind']) =>
    links.filter((link) => link.kind === kind).map(({ ref }) => Number(ref))
  const [prompts, errors, tasks, items] = await Promise.all([
    promptsById(db, refs('prompt')),
    errorsById(db, refs('error')),
    tasksById(db, refs('task')),
    workByIds(db, refs('item')),
  ])
  const shown = links.map((link): ShownLink => {
    const { kind, ref } = link
    const common = {
      id: link.id,
      relation: relationWords(link),
      words: `${kind} ${ref}`,
      href: null,
      glyph: '',
      state: '',
    }
    if (kind === 'prompt') return { ...common, ...prompts.get(Number(ref)) }
    if (kind === 'error') return { ...common, ...errors.get(Number(ref)) }
    if (kind === 'task') return { ...common, ...tasks.get(Number(ref)) }
    const other = kind === 'item' ? items.find(({ id }) => id === Number(ref)) : undefined
    return other ? { ...common, ...shownItem(other) } : common
  })
  return [...shown, ...from.map((other) => ({ id: null, relation: 'linked from', ...shownItem(other) }))]
}

function relationWords({ kind, relation }: WorkLink): string {
  if (relation === 'relates') return ''
  if (kind === 'prompt') return relation === 'done' ? 'then done' : 'then review'
  return relation === 'fixes' ? 'resolved with it' : relation
}

type Words = Omit<ShownLink, 'id' | 'relation'>

function shownItem({ id, key, title, status }: WorkItem): Words {
  return {
    words: `${key} ${title}`,
    href: `/work/${id}`,
    glyph: workGlyph[status],
    state: status.replace('_', ' '),
  }
}

async function promptsById(db: Db, ids: readonly PromptId[]): Promise<Map<number, Words>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('prompts')
    .select(['id', 'state'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(
    rows.map(({ id, state }) => [
      id,
      { words: `prompt #${id}`, href: `/prompts/${id}`, glyph: promptGlyph(state), state: named(state) },
    ]),
  )
}

async function tasksById(db: Db, ids: readonly TaskId[]): Promise<Map<number, Words>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('task_queue')
    .select(['id', 'type', 'state'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(
    rows.map(({ id, type, state }) => [
      id,
      { words: `task #${id} ${type}`, href: `/tasks/${id}`, glyph: taskGlyph[state], state: named(state) },
    ]),
  )
}

async function errorsById(db: Db, ids: readonly number[]): Promise<Map<number, Words>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('error_groups')
    .select(['id', 'error_type', 'message', 'state'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(
    rows.map(({ id, error_type, message, state }) => [
      id,
      {
        words: `error #${id} ${error_type} ${message}`.slice(0, shownChars).toWellFormed(),
        href: `/errors/${id}`,
        glyph: errorGlyph[state],
        state,
      },
    ]),
  )
}

const shownChars = 200
