import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { getNotificationRules, getDashboardPlace, setDashboardPlace } from '../db/settings.ts'
import type { Database } from '../db/open.ts'
import { ownAddresses } from '../../distributed/metrics/inventory.ts'

/** How the dashboard listens, kept for invitations, which another process may make. */
export const dashboardPlaceSchema = z.object({
  scheme: z.enum(['http', 'https']),
  port: z.number().int(),
  /** Only this machine reaches it. */
  isLocal: z.boolean(),
  fingerprint: z.string().nullable(),
})
export type DashboardPlace = z.infer<typeof dashboardPlaceSchema>

/** What is known of it once it listens. `cert`: PEM; null: plain HTTP. */
export async function keepDashboardPlace(
  database: Database,
  { host, port, cert }: { host: string; port: number; cert: string | null },
  now: number,
): Promise<void> {
  const place: DashboardPlace = {
    scheme: cert === null ? 'http' : 'https',
    port,
    isLocal: /^(127\.|localhost$|::1$)/.test(host),
    fingerprint: cert === null ? null : fingerprintOf(cert),
  }
  const before = dashboardPlaceSchema.safeParse(await getDashboardPlace(database.kysely))
  if (before.success && JSON.stringify(before.data) === JSON.stringify(place)) return
  await database.write((db) => setDashboardPlace(db, place, now))
}

/** SHA-256 of the certificate itself, as `openssl x509 -fingerprint -sha256` prints it without colons. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
}

export interface InvitingPlace {
  /** null: no other machine reaches the dashboard, or it has never run. */
  url: string | null
  fingerprint: string | null
  /** What a person should know about it; null when all is well. */
  warning: string | null
}

/**
 * Where a new node finds the dashboard: as given, as people settled for links, or by this machine's address. The
 * fingerprint goes along when that address is the dashboard's own, and not that of a proxy before it.
 */
export async function invitingPlace(database: Database, given: string | null): Promise<InvitingPlace> {
  const read = dashboardPlaceSchema.safeParse(await getDashboardPlace(database.kysely))
  const place = read.success ? read.data : null
  const { publicUrl } = await getNotificationRules(database.kysely)
  const chosen = given === null ? publicUrl : checked(given)
  if (chosen !== null) return { url: chosen, fingerprint: fingerprintFor(chosen, place), warning: null }
  if (!place) {
    return {
      url: null,
      fingerprint: null,
      warning: 'The dashboard has not run yet: start it with ./deploy.sh',
    }
  }
  if (place.isLocal) {
    const warning = 'The dashboard listens on this machine only. Start it with HOST=0.0.0.0 to let others in.'
    return { url: `${place.scheme}://127.0.0.1:${place.port}`, fingerprint: place.fingerprint, warning }
  }
  const [address = '127.0.0.1'] = ownAddresses()
  const host = address.includes(':') ? `[${address}]` : address
  return { url: `${place.scheme}://${host}:${place.port}`, fingerprint: place.fingerprint, warning: null }
}

function checked(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return url.href.replace(/\/+$/, '')
  }
  throw new AppError(
    'invalid',
    `The dashboard's address looks like https://pi-1:8080; "${given.slice(0, 200)}" does not.`,
  )
}

function fingerprintFor(url: string, place: DashboardPlace | null): string | null {
  const { protocol, port } = new URL(url)
  const isOwn = place?.scheme === 'https' && protocol === 'https:' && Number(port || 443) === place.port
  return isOwn ? place.fingerprint : null
}
