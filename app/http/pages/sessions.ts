import { z } from 'zod'
import { sessionStates, type SessionState } from '../../core/session.ts'
import type { PromptId } from '../../core/prompt.ts'
import { listPromptSummaries, type PromptSummary } from '../../db/prompt/summary.ts'
import { listSessions, listSessionSettings, type StoredSession } from '../../db/sessions.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { sessionPath } from '../session-path.ts'

/** A wall of thumbnails that a phone can hold; the list shows more. */
const pageSizes = { grid: 24, list: 100 }

const querySchema = z.object({
  as: z.enum(['grid', 'list']).catch('grid'),
  state: z.enum(sessionStates).optional().catch(undefined),
  q: z.string().trim().max(200).catch(''),
  page: pageNumber,
})

/** A session as the wall and the list show it. */
export interface SessionCard extends StoredSession {
  path: string
  settings: SessionSettings | null
  prompt: PromptSummary | null
  /** `NAME`, or the pane's address where several agents share a tmux session. */
  shownName: string
}

export const sessionsPage: Page = definePage({
  path: '/sessions',
  name: 'sessions',
  area: 'sessions',
  topics: ['sessions', 'prompts'],
  query: querySchema,
  async load({ web, query }) {
    const db = web.database.kysely
    const { as, state, q, page } = query
    const sessions = await listSessions(db)
    const fitting = sessions.filter((session) => fits(session, state, q))
    const size = pageSizes[as]
    const shown = fitting.slice((page - 1) * size, page * size)
    const [settings, running] = await Promise.all([
      listSessionSettings(db),
      listPromptSummaries(db, { states: ['assigned', 'in_progress'], limit: 500 }),
    ])
    const link = addressWith('/sessions', { as: as === 'grid' ? '' : as, state: state ?? '', q })
    return {
      title: 'Sessions',
      cards: shown.map((session) => cardOf(session, sessions, settings, running)),
      as,
      state,
      q,
      total: sessions.length,
      isFiltered: state !== undefined || q !== '',
      states: countStates(sessions).map((each) => ({
        ...each,
        isCurrent: each.state === state,
        href: link({ state: each.state === state ? '' : each.state }),
      })),
      links: { grid: link({ as: '' }), list: link({ as: 'list' }) },
      pages: pagesAround(page, fitting.length > page * size, link),
    }
  },
})

export function cardOf(
  session: StoredSession,
  all: readonly StoredSession[],
  settings: readonly SessionSettings[],
  running: readonly PromptSummary[],
): SessionCard {
  const { node, name, promptId } = session
  const isAmbiguous = all.some(
    (other) => other.key !== session.key && other.node === node && other.name === name,
  )
  return {
    ...session,
    path: sessionPath(session),
    settings: settings.find((each) => each.node === node && each.name === name) ?? null,
    prompt: promptOf(promptId, running),
    shownName: isAmbiguous ? session.address : name,
  }
}

function promptOf(id: PromptId | null, running: readonly PromptSummary[]): PromptSummary | null {
  return id === null ? null : (running.find((prompt) => prompt.id === id) ?? null)
}

function fits(session: StoredSession, state: SessionState | undefined, q: string): boolean {
  if (state !== undefined && session.state !== state) return false
  const { name, address, agent, cwd, node, paneId } = session
  const text = [name, address, agent, cwd, node, paneId].join(' ').toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function countStates(sessions: readonly StoredSession[]): { state: SessionState; count: number }[] {
  return sessionStates
    .map((state) => ({ state, count: sessions.filter((session) => session.state === state).length }))
    .filter(({ count }) => count > 0)
}
