import { hostname } from 'node:os'
import type { EpochMs } from '../core/clock.ts'
import { listProcesses } from '../db/processes.ts'
import type { Db } from '../db/schema.ts'

/** Where an agent finds the dashboard, and what opens it. */
export interface DashboardTarget {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  url: string
  /** The session's own token. */
  token: string
}

/** The dashboard of this machine while one runs without TLS: agents trust no certificate of our own making. */
export async function dashboardHere(db: Db, now: EpochMs): Promise<string | null> {
  const found = (await listProcesses(db, 'dashboard')).find(
    ({ host, heartbeatAt, address }) =>
      host === hostname() && now - heartbeatAt < silentMs && address?.startsWith('http:') === true,
  )
  return found?.address?.replace(/\/$/, '') ?? null
}

/** Processes tell that they live several times within this. */
const silentMs = 60_000
