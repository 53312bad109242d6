import type { LoggedEvent } from '../core/event.ts'
import { verdictOf } from './activity-words.ts'
import type { Step } from './story.ts'

/** One step of what happened to a permission prompt or question. */
export interface InteractionStep extends Pick<Step, 'at' | 'kind' | 'says'> {
  /** Who did it; null where it is what the session did. */
  by: string | null
}

/** The story of a permission prompt or question, the oldest first. */
export function interactionSteps(events: readonly LoggedEvent[]): InteractionStep[] {
  return events.map(({ at, type, data, actor }) => {
    const [kind, says] = saidOf(type, data)
    return { at, kind, says, by: actor && actor.kind !== 'worker' ? actor.name : null }
  })
}

const words: Record<string, [Step['kind'], string]> = {
  ask: ['waiting', 'asked'],
  drawn: ['note', 'its dialog was drawn'],
  ticked: ['note', 'boxes were ticked in its pane'],
  waits: ['waiting', 'left to a person'],
  wish: ['waiting', 'a session wants to answer'],
  confirm: ['done', 'the agent got the answer'],
  withdraw: ['waiting', 'the answer did not arrive; asked again'],
  doubt: ['waiting', 'not known whether the answer arrived'],
  leave: ['note', 'answered in its pane'],
  supersede: ['note', 'another dialog took its place'],
  end: ['failed', 'its session ended'],
}

function saidOf(type: string, data: LoggedEvent['data']): [Step['kind'], string] {
  if (type === 'decide') return decided(data['answer'])
  if (type === 'refuse') {
    return ['waiting', `what ${String(data['wish_of'])} answers was not given: ${String(data['reason'])}`]
  }
  return words[type] ?? ['note', type]
}

function decided(answer: unknown): [Step['kind'], string] {
  const says = verdictOf(answer)
  return [says === 'denied' ? 'failed' : 'running', says]
}
