import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { includesRole } from '../../core/account.ts'
import {
  errorEvents,
  errorGlyph,
  errorStates,
  type ErrorEvent,
  type ErrorGroup,
  type ErrorSample,
  type ErrorState,
} from '../../core/reported-error.ts'
import { listActivity } from '../../db/activity.ts'
import {
  countErrorGroups,
  errorHours,
  fixingPrompt,
  getErrorGroup,
  listErrorGroups,
  listErrorNodes,
  listErrors,
  listErrorSamples,
  type ErrorFilter,
} from '../../db/error/read.ts'
import { listRefusals } from '../../db/error/refusals.ts'
import { severities, workLimits } from '../../core/work.ts'
import { listSessions } from '../../db/sessions.ts'
import { workLinkedTo } from '../../db/work/links.ts'
import type { Db } from '../../db/schema.ts'
import { getReportRates } from '../../db/settings.ts'
import { invitingPlace } from '../../nodes/dashboard-address.ts'
import { activityWords } from '../activity-words.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { promptFor } from '../assign.ts'
import { idParams } from '../schemas/list.ts'
import { sessionPath } from '../session-path.ts'
import { hourBars } from '../hour-bars.ts'
import { targetChoices } from '../target-choices.ts'
import type { Web } from '../web.ts'
import { bugOfError } from '../../work/error-bug.ts'
import { openProjects, shownWork } from './work-view.ts'

const pageSize = 50
const hourMs = 3_600_000
const dayMs = 24 * hourMs

const views = ['unresolved', ...errorStates, 'all'] as const
type View = (typeof views)[number]

function statesOf(view: View): readonly ErrorState[] | undefined {
  if (view === 'all') return undefined
  return view === 'unresolved' ? ['open', 'regressed'] : [view]
}

/** Errors of all programs and machines, those of one kind together. */
export const errorsPage: Page = definePage({
  path: '/errors',
  name: 'errors',
  area: 'errors',
  topics: ['errors'],
  query: z.object({
    view: z.enum(views).catch('unresolved'),
    q: z.string().trim().max(200).catch(''),
    node: z.string().trim().max(200).catch(''),
    page: pageNumber,
  }),
  async load({ web, query, caller }) {
    const { view, q, node, page } = query
    const db = web.database.kysely
    const now = web.clock.now()
    const states = statesOf(view)
    const found: ErrorFilter = { ...(q !== '' && { text: q }), ...(node !== '' && { node }) }
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize }
    const [groups, counts, refusals, rates] = await Promise.all([
      listErrorGroups(db, { ...found, ...(states && { states }) }, slice),
      countErrorGroups(db, found),
      listRefusals(db, now - dayMs, 5),
      getReportRates(db),
    ])
    const link = addressWith('/errors', { view: view === 'unresolved' ? '' : view, q, node })
    const shown = groups.slice(0, pageSize)
    return {
      title: 'Errors',
      rows: await withBars(db, shown, now),
      tabs: views.map((name) => ({
        name,
        count: countOf(counts, name),
        glyph: name === 'all' || name === 'unresolved' ? '' : errorGlyph[name],
        isCurrent: name === view,
        href: link({ view: name === 'unresolved' ? '' : name, page: '' }),
      })),
      query,
      isFiltered: q !== '' || node !== '',
      isEmpty: countOf(counts, 'all') === 0 && q === '' && node === '',
      pages: pagesAround(page, groups.length > pageSize, link),
      refusals,
      rates,
      dsn: await sentryDsn(web),
      isAdmin: caller !== null && includesRole(caller.role, 'admin'),
    }
  },
})

/** Where SDKs of Sentry send to: the address under which other machines find this dashboard. */
async function sentryDsn({ database }: Web): Promise<string> {
  const { url } = await invitingPlace(database, null)
  return `${(url ?? 'http://dashboard:8080').replace('://', '://key@').replace(/\/$/, '')}/1`
}

/** One kind of error: what it said, where it happened, and what was done about it. */
export const errorPage: Page = definePage({
  path: '/errors/:id',
  name: 'error',
  area: 'errors',
  topics: ['errors', 'prompts', 'work'],
  params: idParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const group = await getErrorGroup(db, params.id)
    const now = web.clock.now()
    const [samples, nodes, hours, errors, events, prompt, work] = await Promise.all([
      listErrorSamples(db, group.id),
      listErrorNodes(db, group.id),
      errorHours(db, [group.id], now - 7 * dayMs),
      listErrors(db, { groupId: group.id }, { limit: 20, offset: 0 }),
      listActivity(db, { noun: 'error', nounId: String(group.id), limit: 50 }),
      fixingPrompt(db, group),
      workLinkedTo(db, 'error', String(group.id)),
    ])
    return {
      title: `Error #${group.id}`,
      group,
      glyph: errorGlyph[group.state],
      may: eventsFrom(group.state),
      samples: await withSessions(db, samples),
      nodes,
      bars: hourBars(hours, { until: now, hours: 7 * 24 }),
      errors,
      events: events.map((event) => ({ ...event, ...activityWords(event) })),
      prompt,
      work: work.map(shownWork),
    }
  },
})

/** The bug that is made of an error. */
export const errorBugPage: Page = definePage({
  path: '/errors/:id/bug',
  name: 'error-bug',
  area: 'errors',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const group = await getErrorGroup(db, params.id)
    const bug = bugOfError(group, await listErrorSamples(db, group.id))
    const projects = await openProjects(db)
    return { title: `Make a bug of error #${group.id}`, group, bug, projects, severities, limits: workLimits }
  },
})

/** The prompt that has a session fix it, to be looked over before it goes. */
export const sendErrorPage: Page = definePage({
  path: '/errors/:id/send',
  name: 'error-send',
  area: 'errors',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const group = await getErrorGroup(db, params.id)
    const content = await promptFor(db, { error: group.id })
    const title = `Have error #${group.id} fixed`
    // Sent again because the answer was lost, it is the same prompt.
    return { title, group, content, choices: await targetChoices(db), formKey: randomUUID() }
  },
})

async function withBars(db: Db, groups: readonly ErrorGroup[], now: number) {
  const hours = await errorHours(
    db,
    groups.map(({ id }) => id),
    now - dayMs,
  )
  return groups.map((group) => {
    const own = hours.filter(({ groupId }) => groupId === group.id)
    const today = own.reduce((sum, { count }) => sum + count, 0)
    return { ...group, glyph: errorGlyph[group.state], today, bars: hourBars(own, { until: now, hours: 24 }) }
  })
}

/** The page of the session that reported it, where there still is one of that name. */
async function withSessions(db: Db, samples: readonly ErrorSample[]) {
  const named = samples.some(({ session }) => session !== null)
  const sessions = named ? await listSessions(db) : []
  return samples.map((sample) => {
    const found = sessions.find(({ name, node }) => name === sample.session && node === sample.node)
    return {
      ...sample,
      sessionPath: found ? sessionPath(found) : null,
      more: Object.entries(sample.metadata),
    }
  })
}

function countOf(counts: Partial<Record<ErrorState, number>>, view: View): number {
  const states = statesOf(view) ?? errorStates
  return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

function eventsFrom(state: ErrorState): Partial<Record<ErrorEvent, boolean>> {
  const entries = Object.entries(errorEvents) as [ErrorEvent, { from: readonly ErrorState[] }][]
  return Object.fromEntries(entries.map(([event, { from }]) => [event, from.includes(state)]))
}
