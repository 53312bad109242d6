import type { Clock, EpochMs } from '../../core/clock.ts'
import { isAppError, messageOf } from '../../core/errors.ts'
import type { Channel, Delivery } from '../../core/notification.ts'
import { appendEvent } from '../../db/events.ts'
import { findChannel } from '../../db/notification/channels.ts'
import { claimDeliveries, recordTry } from '../../db/notification/deliveries.ts'
import type { Database } from '../../db/open.ts'
import { post, postWithinMs } from './post.ts'
import { signatureHeaders } from './sign.ts'

/** At most so many messages are on their way at once. */
const atOnce = 4
/** Longer than a try can take. */
const leaseMs = postWithinMs + 20_000
/** Pauses between the tries of a message, in ms: it is given up after some nine hours. */
export const pausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000] as const

type SecretChannel = Channel & { secret: string | null }

/**
 * Sends what is due. A process that dies in between leaves a lease that runs out, and the message goes out again
 * with the same id: at least once, and receivers can tell. Returns how many were tried.
 */
export async function sendDeliveries(
  { database, clock }: { database: Database; clock: Clock },
  signal?: AbortSignal,
): Promise<number> {
  const claimed = await database.write((db) => claimDeliveries(db, atOnce, leaseMs, clock.now()))
  await Promise.all(claimed.map((delivery) => sendOne(database, clock, delivery, signal)))
  return claimed.length
}

async function sendOne(database: Database, clock: Clock, delivery: Delivery, signal?: AbortSignal) {
  const channel = await findChannel(database.kysely, delivery.channelId)
  const at = clock.now()
  if (!channel) return
  const tried = await trySending(database, channel, delivery, at, signal)
  // It was cut off by our own end: the next process takes it up when the lease is over.
  if (signal?.aborted && !tried.isSent) return
  const again = tried.isSent || tried.isFinal ? null : (nextTry(delivery.tries, clock.now()) ?? null)
  await database.write((db) => recordTry(db, delivery, { ...tried, at, again }))
}

interface Tried {
  status: number | null
  failure: string | null
  isSent: boolean
  /** Another try would change nothing. */
  isFinal: boolean
}

const switchedOff: Tried = {
  status: null,
  failure: 'the channel is switched off',
  isSent: false,
  isFinal: true,
}

async function trySending(
  database: Database,
  channel: SecretChannel,
  delivery: Delivery,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Tried> {
  if (!channel.enabled && delivery.kind !== 'test') return switchedOff
  if (channel.kind === 'browser') return tellBrowsers(database, delivery, at)
  try {
    const status = await post(messageFor(channel, delivery, at), signal)
    if (status >= 200 && status < 300) return { status, failure: null, isSent: true, isFinal: true }
    return { status, failure: refusalOf(status), isSent: false, isFinal: isFinalStatus(status) }
  } catch (error) {
    const isFinal = isAppError(error, 'forbidden') || isAppError(error, 'invalid')
    return { status: null, failure: messageOf(error).slice(0, 500), isSent: false, isFinal }
  }
}

function messageFor(
  { kind, url, secret, allowPrivate }: SecretChannel,
  { messageId, payload }: Delivery,
  at: EpochMs,
) {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (kind === 'ntfy') {
    if (secret !== null) headers['authorization'] = `Bearer ${secret}`
    return { url: new URL('/', url ?? '').href, headers, body: payload, allowPrivate }
  }
  return {
    url: url ?? '',
    headers: { ...headers, ...signatureHeaders(secret ?? '', messageId, at, payload) },
    body: payload,
    allowPrivate,
  }
}

/** Every open tab hears of it by the event log. */
async function tellBrowsers(
  database: Database,
  { messageId, payload }: Delivery,
  at: EpochMs,
): Promise<Tried> {
  const data = JSON.parse(payload) as Record<string, unknown>
  await database.write(async (db) =>
    appendEvent(db, { at, noun: 'notification', nounId: messageId, type: 'show', data }),
  )
  return { status: null, failure: null, isSent: true, isFinal: true }
}

/** 410 asks not to come back; other 4xx may be repaired within hours, so they are tried again. */
function isFinalStatus(status: number): boolean {
  return status === 410
}

function refusalOf(status: number): string {
  const isRedirect = status >= 300 && status < 400
  return isRedirect
    ? `answered ${status}: redirects are not followed, give the final address`
    : `answered ${status}`
}

function nextTry(tries: number, now: EpochMs): EpochMs | undefined {
  const pause = pausesMs[tries - 1]
  return pause === undefined ? undefined : now + pause
}
