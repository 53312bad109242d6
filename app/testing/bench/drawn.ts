import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { SessionState } from '../../core/session.ts'
import { listSessions, saveSession, type StoredSession } from '../../db/sessions.ts'
import { openChromium, openPerson } from '../browser/chromium.ts'
import { populate } from '../browser/fleet.ts'
import { startDashboard, type TestDashboard } from '../dashboard.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const sessionCount = 100
const changes = 40
const reloads = 8
/** A panel is fetched at most four times in a second; each change is measured by itself. In ms. */
const betweenMs = 400
const targetMs = 250

/**
 * From the commit of a session's new state until it stands in the page of a real browser that shows 100 sessions,
 * and how long the same takes somebody who loads the page again.
 */
export async function benchDrawn(): Promise<Row[]> {
  await using dashboard = await startDashboard()
  await using browser = await openChromium()
  await populate(dashboard.web.database, dashboard.web.host.node, Date.now())
  const session = await fillUp(dashboard)
  await using person = await openPerson(browser, dashboard, { role: 'viewer' })
  const { page } = person
  await page.goto('/sessions?as=list')
  await page.locator('#connection[data-state="live"]').waitFor()
  const pushed = await repeat(changes, (state) => untilDrawn(dashboard, page, session, state))
  const reloaded = await repeat(reloads, (state) => untilReloaded(dashboard, page, session, state))
  const middle = percentile(pushed, 50)
  const worst = percentile(pushed, 95)
  const naive = percentile(reloaded, 50)
  return [
    {
      what: `A session's new state in a browser's page of ${sessionCount} sessions, after its commit`,
      measured: `median ${middle.toFixed(0)} ms, p95 ${worst.toFixed(0)} ms; loading the page again ${naive.toFixed(0)} ms`,
      target: `p95 ≤ ${targetMs} ms`,
      ok: worst <= targetMs,
    },
  ]
}

/** Returns the one whose state will change. */
async function fillUp({ web }: TestDashboard): Promise<StoredSession> {
  const [session] = await listSessions(web.database.kysely)
  for (let count = 0; count < sessionCount - 8; count += 1) {
    const paneId = `%${1_000 + count}`
    const name = `more-${count}`
    const key = `${session!.node}/default/${paneId}`
    await web.database.write((db) =>
      saveSession(db, { ...session!, key, paneId, name, address: `${name}:0.0` }),
    )
  }
  return session!
}

async function repeat(count: number, measure: (state: SessionState) => Promise<number>): Promise<number[]> {
  const times: number[] = []
  for (let done = 0; done < count; done += 1) {
    times.push(await measure(done % 2 === 0 ? 'error' : 'menu'))
    await sleep(betweenMs)
  }
  return times
}

/** The page itself notes when the row has changed; it has this machine's clock. */
async function untilDrawn(dashboard: TestDashboard, page: Page, session: StoredSession, state: SessionState) {
  const wanted = `document.getElementById(${JSON.stringify(`session-${session.key}`)}).querySelector('.state-${state}')`
  // Evaluating a promise would wait for it.
  await page.evaluate(`void (window.drawnAt = new Promise((resolve) => {
    const look = () => ${wanted} && (resolve(Date.now()), observer.disconnect())
    const observer = new MutationObserver(look)
    observer.observe(document.querySelector('#panel'), { subtree: true, childList: true, attributes: true })
  }))`)
  const committedAt = await change(dashboard, session, state)
  return (await page.evaluate<number>('window.drawnAt')) - committedAt
}

async function untilReloaded(
  dashboard: TestDashboard,
  page: Page,
  session: StoredSession,
  state: SessionState,
) {
  const committedAt = await change(dashboard, session, state)
  await page.reload({ waitUntil: 'domcontentloaded' })
  await page.locator(`[id="session-${session.key}"] .state-${state}`).waitFor()
  return Date.now() - committedAt
}

async function change({ web }: TestDashboard, session: StoredSession, state: SessionState): Promise<number> {
  await web.database.write((db) => saveSession(db, { ...session, state, seenAt: Date.now() }))
  const committedAt = Date.now()
  await web.database.bus.notify('sessions')
  return committedAt
}
