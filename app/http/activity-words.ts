import type { LoggedEvent } from '../core/event.ts'
import { pathOfKey } from './session-path.ts'

/** One event as a sentence: what was done, on what, and where that is. */
export interface ActivityWords {
  did: string
  /** What it was done on, for people. */
  on: string
  href: string | null
  detail: string
}

const did: Record<string, string> = {
  create: 'created',
  entered: 'pressed Enter for the',
  typed: 'typed the',
  unknown: 'does not know the end of the',
  submit: 'queued',
  assign: 'claimed',
  start: 'started',
  release: 'gave back',
  finish: 'completed',
  fail: 'failed',
  accept: 'accepted',
  send_back: 'sent back',
  hand_over: 'waits for the parts of',
  digest: 'told what came of the parts of',
  doubt: 'doubts the delivery of',
  interrupt_requested: 'asked to interrupt',
  state: 'saw a new state of',
  settings: 'changed the settings of',
  controls: 'switched',
  kill: 'ended',
}

export function activityWords({ noun, nounId, type, data }: LoggedEvent): ActivityWords {
  return {
    did: did[type] ?? type.replaceAll('_', ' '),
    on: nameOf(noun, nounId, data),
    href: addressOf(noun, nounId, data),
    detail: detailOf(type, data),
  }
}

function nameOf(noun: LoggedEvent['noun'], nounId: string, data: Record<string, unknown>): string {
  if (noun === 'prompt') return `prompt #${nounId}`
  if (noun === 'attempt') return `attempt of #${Number(data['promptId'])}`
  if (noun === 'session') return `session ${text(data['name']) || nounId}`
  if (noun === 'queue') return 'the queue'
  return [noun, text(data['name']) || nounId].filter(Boolean).join(' ')
}

function addressOf(noun: LoggedEvent['noun'], nounId: string, data: Record<string, unknown>): string | null {
  if (noun === 'prompt') return `/prompts/${nounId}`
  if (noun === 'attempt' && data['promptId'] !== undefined) return `/prompts/${Number(data['promptId'])}`
  if (noun === 'session' && nounId.includes('/%')) return pathOfKey(nounId)
  return null
}

function detailOf(type: string, data: Record<string, unknown>): string {
  if (type === 'controls') return data['draining'] ? 'draining' : data['paused'] ? 'paused' : 'open'
  if (type === 'state')
    return [text(data['from']), text(data['state'])].filter(Boolean).join(' → ').replaceAll('_', ' ')
  return text(data['reason']) || text(data['comment']) || text(data['sessionName'])
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
