import { expect, test } from 'vitest'
import type { Attempt } from '../core/attempt.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { Prompt } from '../core/prompt.ts'
import { storyOf } from './story.ts'

const prompt = { createdAt: 1_000 } as Prompt

function event(at: number, noun: LoggedEvent['noun'], type: string, data = {}, name?: string): LoggedEvent {
  const actor = name === undefined ? null : { kind: 'user' as const, name, address: null }
  return { id: at, at, noun, nounId: '7', type, data, actor }
}

test('a story runs from the queue to the end, with what proved the delivery and what the session did', () => {
  const attempt = {
    typedAt: 3_000,
    enteredAt: 3_400,
    submittedAt: 3_440,
    endedAt: 9_000,
    evidence: [
      { source: 'process', at: 3_000, says: 'the text was pasted' },
      { source: 'hook', at: 3_440, says: 'the hook shows the prompt' },
    ],
  } as unknown as Attempt
  const events = [
    event(1_000, 'prompt', 'submit', {}, 'ada'),
    event(2_000, 'prompt', 'assign', { sessionName: 'web' }),
    event(3_440, 'prompt', 'start'),
    event(9_000, 'prompt', 'finish'),
  ]
  const session = [event(5_000, 'session', 'state', { state: 'permission', rule: 'claude/permission' })]

  const story = storyOf(prompt, events, attempt, session)

  expect(story.map(({ says }) => says)).toEqual([
    'queued',
    'claimed by web',
    'typed',
    'Enter pressed',
    'submitted',
    'session asks for permission',
    'completed',
  ])
  expect(story[0]?.detail).toBe('by ada')
  expect(story[4]?.evidence.map(({ says }) => says)).toContain('the hook shows the prompt')
})

test('a prompt whose events are forgotten still has a beginning', () => {
  expect(storyOf(prompt, [], null, [])).toMatchObject([{ at: 1_000, says: 'queued' }])
})

test('an event that has no words of its own is told by its name', () => {
  const story = storyOf(prompt, [event(2, 'prompt', 'moved_away', { reason: 'of its own' })], null, [])

  expect(story).toMatchObject([{ says: 'moved away', detail: 'of its own' }])
})
