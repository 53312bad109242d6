import { z } from 'zod'
import type { EpochMs } from './clock.ts'

/**
 * What people can be told of: somebody waits for them, a machine is in trouble, work failed, work is done, a branch
 * can be merged.
 */
export const noticeKinds = ['needs_person', 'node', 'failed', 'done', 'ready'] as const
export type NoticeKind = (typeof noticeKinds)[number]

export const channelKinds = ['browser', 'webhook', 'ntfy'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** A way to tell people, without its secret. */
export interface Channel {
  id: number
  kind: ChannelKind
  name: string
  /** null: browsers need none. */
  url: string | null
  hasSecret: boolean
  /** What is told there. */
  kinds: NoticeKind[]
  enabled: boolean
  /** Addresses of this machine and its networks may be called. */
  allowPrivate: boolean
  createdAt: EpochMs
  lastAt: EpochMs | null
}

/** One try to send a message: when, and what came of it. */
export interface Try {
  at: EpochMs
  /** Of the answer; null: there was none. */
  status: number | null
  failure: string | null
}

export interface Delivery {
  id: number
  channelId: number
  messageId: string
  kind: NoticeKind | 'test'
  title: string
  /** How many notices it tells of. */
  count: number
  payload: string
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  tries: number
  tryAt: EpochMs
  status: number | null
  failure: string | null
  createdAt: EpochMs
  endedAt: EpochMs | null
  log: Try[]
}

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time such as 22:00' })

/** What holds for all channels. */
export const notificationRulesSchema = z.object({
  /** null: at any hour. */
  quiet: z
    .object({
      from: clockTime,
      to: clockTime,
      timeZone: z.string().refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin' }),
      /** What needs a person comes through all the same. */
      urgentThrough: z.boolean(),
    })
    .nullable(),
  /** Address of the dashboard for links; null: as it runs on this machine. */
  publicUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/]+/, { error: 'must be an address such as https://architect.example.org' })
    .max(500)
    .nullable(),
})
export type NotificationRules = z.infer<typeof notificationRulesSchema>

export const usualNotificationRules: NotificationRules = { quiet: null, publicUrl: null }

/** Whoever waits is told after this, when it still holds: what a rule answers at once is no news. */
export const settleMs = 10_000
/** A channel gets one message in this time; what comes meanwhile goes into the next one. */
export const coalesceMs = 30_000

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // that is the answer
  }
}
