import { expect, test } from 'vitest'
import { systemClock } from '../../app/core/clock.ts'
import type { LiveSession, PastState } from '../../app/core/fleet.ts'
import { paneKey } from '../../app/core/host.ts'
import { fakeLink } from '../../app/testing/fake-link.ts'
import { liveSession } from '../../app/testing/live-session.ts'
import { NodeTime } from './node-time.ts'
import { RemoteFleet } from './remote-fleet.ts'

const own = liveSession('pi/default/%1')
const anothers = liveSession('desk/default/%1')
const now = Date.now()

test.each([
  ['a session of another node', { changed: [own, anothers], gone: [] }],
  ['a pane under the key of another', { changed: [{ ...own, key: 'pi/default/%2' }], gone: [] }],
  ['the end of a session of another node', { changed: [own], gone: [anothers.key] }],
])('a node that tells of %s is refused, and nothing of it is taken', (_what, told) => {
  const { fleet } = watch()

  expect(() => fleet.hear({ type: 'sessions', all: true, ...told })).toThrow(
    expect.objectContaining({ code: 'forbidden', message: expect.stringMatching(/^pi spoke of /) }),
  )

  expect(fleet.sessions).toEqual([])
  expect(fleet.awaySince).not.toBeNull()
})

test('a node that answers with the session of another pane is refused', async () => {
  const { fleet, changes } = watch(() => anothers)

  const refreshed = fleet.refresh(own.pane)

  await expect(refreshed).rejects.toMatchObject({ code: 'forbidden' })
  expect(changes).toEqual([])
})

test('a node that refuses to look more often at a session harms nobody', async () => {
  const { fleet, link } = watch()
  link.answers.follow = () => Promise.reject(new Error('no such word'))
  fleet.hear({ type: 'sessions', all: true, changed: [own], gone: [] })

  fleet.follow(own.key)
  await new Promise((resolve) => setImmediate(resolve))

  expect(fleet.get(own.key)).toBeDefined()
})

test('a node that tells of its own sessions is taken at its word', async () => {
  const { fleet, changes } = watch(() => ({ ...own, at: Date.now() }))

  fleet.hear({ type: 'sessions', all: true, changed: [own], gone: [] })
  await fleet.refresh(own.pane)

  expect(changes).toEqual([own.key, own.key])
  expect(fleet.get(`pi/${paneKey(own.pane)}`)).toMatchObject({ key: own.key, reading: own.reading })
})

test.each([
  ['what a session is now', [state('idle', now)], []],
  ['what it was before that', [state('busy', now - 2_000), state('idle', now)], ['busy', 'idle']],
  ['since long ago', [state('idle', now - 60_000)], ['idle']],
])('of %s the past is heard only where it says more', async (_what, past, heard) => {
  const { fleet, states } = watch()
  const changed = [{ ...own, since: past.at(-1)!.at }]

  await fleet.hearPast({ type: 'sessions', all: false, changed, gone: [], past })

  expect(states).toEqual(heard)
})

test('a node that tells of the past of another is refused', async () => {
  const { fleet, states } = watch()
  const past = [{ ...state('busy', now), key: anothers.key }]

  const heard = fleet.hearPast({ type: 'sessions', all: false, changed: [], gone: [], past })

  await expect(heard).rejects.toMatchObject({ code: 'forbidden' })
  expect(states).toEqual([])
})

function state(name: PastState['state'], at: number): PastState {
  const { agent, rule, generation } = own.reading
  return { key: own.key, at, generation, state: name, name: 'dev', agent, rule }
}

function watch(refreshed: () => LiveSession | null = () => null) {
  const changes: string[] = []
  const states: string[] = []
  const link = fakeLink('pi', { refresh: async () => refreshed(), follow: async () => null })
  const fleet = new RemoteFleet(link, new NodeTime(systemClock), systemClock, {
    onChange: ({ key }) => void changes.push(key),
    onGone: ({ key }) => void changes.push(`${key} gone`),
    onPast: async (past) => void states.push(...past.map((one) => one.state)),
  })
  return { fleet, link, changes, states }
}
