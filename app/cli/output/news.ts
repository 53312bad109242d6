import type { LoggedEvent } from '../../core/event.ts'
import type { Prompt } from '../../core/prompt.ts'
import { stateGlyph, sessionStates, type SessionState } from '../../core/session.ts'
import { renderDuration } from './time.ts'

/**
 * What an event says to somebody who watches, as one line; null for what nobody waits for. `prompt` is the
 * prompt as it is now, which may be further than the event.
 */
export function describeEvent(event: LoggedEvent, prompt: Prompt | null): string | null {
  if (event.noun === 'prompt') return describePromptEvent(event, prompt)
  if (event.noun === 'session') return describeSessionEvent(event)
  if (event.noun === 'assigner')
    return event.type === 'start' ? 'an assigner has begun' : 'an assigner has ended'
  return event.noun === 'queue' ? describeControls(event) : null
}

const promptFacts: Record<string, string> = {
  submit: 'is queued',
  approve: 'is approved',
  reject: 'is rejected',
  release: 'waits again',
  recall: 'waits again',
  expire: 'was not taken in time',
  due: 'is due',
  interrupt_requested: 'is being interrupted',
  cancel: 'is cancelled',
  interrupt: 'was interrupted',
  suspend: 'survives a restart',
  retry: 'is queued again',
  reassign: 'is queued again',
}

function describePromptEvent(event: LoggedEvent, prompt: Prompt | null): string | null {
  const name = `prompt ${event.nounId}`
  const at = textOf(event, 'sessionName', 'session') ?? prompt?.sessionName ?? 'a session'
  const why = textOf(event, 'reason', 'waitingFor') ?? prompt?.reason ?? null
  const because = why === null ? '' : `: ${why}`
  switch (event.type) {
    case 'assign':
      return `${name} goes to ${at}`
    case 'start':
      return `${name} has arrived; ${at} works on it`
    case 'finish':
      return `${name} completed by ${at}${timeOf(prompt)}`
    case 'fail':
      return `${name} failed${because}`
    case 'doubt':
      return `▲ ${name} needs a decision: ${textOf(event, 'attention') ?? prompt?.attention ?? 'see --result'}`
    case 'waiting':
      return `${name} waits${because}`
    default:
      return event.type in promptFacts ? `${name} ${promptFacts[event.type]}${because}` : null
  }
}

function describeControls({ data }: LoggedEvent): string {
  if (data['draining'] === true) return 'the queue is being drained'
  return data['paused'] === true ? 'the queue is paused' : 'the queue is open'
}

function describeSessionEvent(event: LoggedEvent): string | null {
  const state = textOf(event, 'state')
  const name = textOf(event, 'name', 'sessionName') ?? event.nounId
  if (state === null || !isSessionState(state)) return null
  return `${stateGlyph[state]} ${name} is ${state}`
}

function isSessionState(state: string): state is SessionState {
  return sessionStates.some((known) => known === state)
}

function textOf(event: LoggedEvent, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = event.data[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

function timeOf(prompt: Prompt | null): string {
  if (!prompt || prompt.startedAt === null || prompt.endedAt === null) return ''
  return ` in ${renderDuration(prompt.endedAt - prompt.startedAt)}`
}
