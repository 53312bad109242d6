import { sessionStates, type SessionState } from '../../core/session.ts'
import { getControls } from '../../db/controls.ts'
import { endedPerSlot, oldestWaiting, type EndedSlot } from '../../db/figures.ts'
import { promptCounts } from '../../db/prompts.ts'
import { listAlerts } from '../../db/node/alerts.ts'
import { countNodeStates } from '../../db/node/read.ts'
import type { Db } from '../../db/schema.ts'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { listSessions, type StoredSession } from '../../db/sessions.ts'
import { barsOf } from '../bars.ts'
import { listNeeds } from '../needs.ts'
import { definePage, type Page } from '../page.ts'
import { sessionPath } from '../session-path.ts'

const hourMs = 3_600_000
const shownHours = 24
/** What fits on one screen; the rest is a link away. */
const shown = { needs: 6, running: 12, finished: 8, glyphs: 300 }

/** Does anything need me? Is work flowing? What came out? */
export const overviewPage: Page = definePage({
  path: '/',
  name: 'overview',
  area: 'overview',
  topics: ['prompts', 'sessions', 'queue', 'processes', 'nodes'],
  async load({ web }) {
    const db = web.database.kysely
    const now = web.clock.now()
    const sessions = await listSessions(db)
    const [needs, counts, oldest, controls, running, finished, ended, nodes] = await Promise.all([
      listNeeds(db, sessions),
      promptCounts(db),
      oldestWaiting(db),
      getControls(db),
      listPromptSummaries(db, { states: ['assigned', 'in_progress', 'restarting'], limit: shown.running }),
      listPromptSummaries(db, { sort: 'ended', limit: shown.finished }),
      endedPerSlot(db, startOfHour(now) - (shownHours - 1) * hourMs, hourMs),
      nodesAtAGlance(db),
    ])
    const hasPrompts = Object.values(counts).some((count) => count > 0)
    return {
      title: 'Overview',
      needs: needs.slice(0, shown.needs),
      needsTotal: needs.length,
      counts,
      oldest,
      controls,
      running,
      runningTotal: counts.assigned + counts.in_progress + counts.restarting,
      finished,
      today: endedSince(ended, startOfDay(now), now),
      bars: barsOf(ended, shownHours, startOfHour(now) - (shownHours - 1) * hourMs, hourMs),
      fleet: fleetOf(sessions),
      nodes,
      steps: { hasSessions: sessions.length > 0, hasPrompts },
    }
  },
})

/** The fleet at a glance: a glyph for each session, and how many are in which state. */
function fleetOf(sessions: readonly StoredSession[]) {
  const count = (state: SessionState) => sessions.filter((session) => session.state === state).length
  return {
    total: sessions.length,
    nodes: new Set(sessions.map(({ node }) => node)).size,
    states: sessionStates.map((state) => ({ state, count: count(state) })).filter((each) => each.count > 0),
    limitedUntil: earliest(sessions.flatMap(({ limitedUntil }) => limitedUntil ?? [])),
    glyphs: sessions.slice(0, shown.glyphs).map((session) => ({ ...session, path: sessionPath(session) })),
  }
}

/** null: there is this machine only, and nothing is wrong with it. */
async function nodesAtAGlance(db: Db) {
  const [states, alerts] = await Promise.all([countNodeStates(db), listAlerts(db, { open: true })])
  const { online = 0, offline = 0 } = states
  const alerting = new Set(alerts.map(({ nodeId }) => nodeId)).size
  return online + offline > 1 || alerting > 0 ? { online, offline, alerting } : null
}

function earliest(times: number[]): number | null {
  return times.length === 0 ? null : Math.min(...times)
}

function endedSince(slots: readonly EndedSlot[], since: number, now: number) {
  const first = shownHours - 1 - Math.floor((startOfHour(now) - since) / hourMs)
  const sum = (state: string) =>
    slots
      .filter((each) => each.slot >= first && each.state === state)
      .reduce((total, { count }) => total + count, 0)
  return { completed: sum('completed'), failed: sum('failed'), cancelled: sum('cancelled') }
}

function startOfHour(at: number): number {
  return Math.floor(at / hourMs) * hourMs
}

/** Midnight where this dashboard runs. */
function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}
