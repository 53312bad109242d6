import { sql, type RawBuilder } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { endStates, promptEvents, type PromptEvent, type PromptState } from '../../core/prompt.ts'

/** What an event sets beside the state, whoever raises it. Changes that a caller gives come on top. */
export function effectOf(event: PromptEvent, now: EpochMs): Record<string, RawBuilder<unknown>> {
  const time = sql`cast(${now} as bigint)`
  if (isEnd(promptEvents[event].to)) return ending(time)
  if (event === 'approve') return { enqueued_at: time }
  if (event === 'start') return { started_at: sql`coalesce(started_at, ${time})`, waiting_for: sql`null` }
  if (event === 'retry' || event === 'reassign' || event === 'send_back') return reviving(time)
  if (event === 'hand_over') return { expires_at: sql`null`, wake_at: sql`null`, skips: sql`0` }
  return {}
}

function isEnd(state: PromptState): boolean {
  return (endStates as readonly PromptState[]).includes(state)
}

function ending(time: RawBuilder<unknown>) {
  const nothing = sql`null`
  return {
    ended_at: time,
    hold: nothing,
    wake_at: nothing,
    waiting_for: nothing,
    attention: nothing,
    report: sql`case when report is not null then 'due' end`,
  }
}

/**
 * A prompt that lives again waits like a new one, for its dependencies too, and not until an end that has
 * passed. One that was waiting anyway keeps its place.
 */
function reviving(time: RawBuilder<unknown>) {
  const waited = (column: string, otherwise: RawBuilder<unknown>) =>
    sql`case when state = 'pending' then ${sql.ref(column)} else ${otherwise} end`
  const nothing = sql`null`
  return {
    enqueued_at: waited('enqueued_at', time),
    hold: waited('hold', sql`case when ${hasOpenDependency} then 'dependency' end`),
    wake_at: waited('wake_at', nothing),
    expires_at: sql`case when expires_at > ${time} then expires_at end`,
    attention: waited('attention', nothing),
    started_at: nothing,
    ended_at: nothing,
    reason: nothing,
    waiting_for: nothing,
    interrupt_requested_at: nothing,
    requires_follow_up: sql`0`,
    report: sql`case when report is not null then 'wanted' end`,
    skips: waited('skips', sql`0`),
  }
}

const hasOpenDependency = sql`exists (
  select 1 from prompt_dependencies d join prompts other on other.id = d.depends_on
  where d.prompt_id = prompts.id and other.state <> 'completed')`
