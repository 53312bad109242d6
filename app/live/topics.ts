import type { LoggedEvent, Noun } from '../core/event.ts'
import { mayAdminister, type Caller } from '../http/caller.ts'

/**
 * What a client can follow. `activity` is everything, for the log of who did what; `queue_snapshot` has no events
 * but the message of that name whenever the queue has changed.
 */
export const topics = [
  'prompts',
  'sessions',
  'queue',
  'processes',
  'accounts',
  'nodes',
  'errors',
  'work',
  'secrets',
  'tasks',
  'activity',
  'queue_snapshot',
] as const
export type Topic = (typeof topics)[number]

const topicOfNoun: Partial<Record<Noun, Topic>> = {
  prompt: 'prompts',
  attempt: 'prompts',
  session: 'sessions',
  lock: 'sessions',
  question: 'prompts',
  interaction: 'sessions',
  pattern: 'sessions',
  queue: 'queue',
  assigner: 'processes',
  account: 'accounts',
  login: 'accounts',
  node: 'nodes',
  alert: 'nodes',
  error: 'errors',
  project: 'work',
  milestone: 'work',
  work: 'work',
  plan: 'work',
  suggestion: 'work',
  suite: 'work',
  secret: 'secrets',
  vault: 'secrets',
  task: 'tasks',
  worker: 'tasks',
  schedule: 'tasks',
  service_account: 'secrets',
  ssh_key: 'secrets',
}

/** Nouns without a topic of their own belong to the activity log alone. */
export function topicOf(noun: Noun): Topic {
  return topicOfNoun[noun] ?? 'activity'
}

/** Whether this client gets this event: it follows the topic, and somebody's account is their own business. */
export function isFor(event: LoggedEvent, followed: ReadonlySet<Topic>, caller: Caller): boolean {
  const topic = topicOf(event.noun)
  if (!followed.has('activity') && !followed.has(topic)) return false
  if (topic !== 'accounts' || mayAdminister(caller)) return true
  return event.data['user_id'] === caller.userId
}

/** An event as clients get it. */
export interface EventMessage {
  id: number
  at: number
  topic: Topic
  noun: Noun
  noun_id: string
  type: string
  data: Record<string, unknown>
  /** The name of who did it. */
  actor: string | null
}

export function toMessage({ id, at, noun, nounId, type, data, actor }: LoggedEvent): EventMessage {
  return { id, at, topic: topicOf(noun), noun, noun_id: nounId, type, data, actor: actor?.name ?? null }
}
