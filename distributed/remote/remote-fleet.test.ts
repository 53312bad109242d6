import { expect, test } from 'vitest'
import { systemClock } from '../../app/core/clock.ts'
import type { LiveSession } from '../../app/core/fleet.ts'
import { paneKey } from '../../app/core/host.ts'
import { fakeLink } from '../../app/testing/fake-link.ts'
import { liveSession } from '../../app/testing/live-session.ts'
import { NodeTime } from './node-time.ts'
import { RemoteFleet } from './remote-fleet.ts'

const own = liveSession('pi/default/%1')
const anothers = liveSession('desk/default/%1')

test.each([
  ['a session of another node', { changed: [own, anothers], gone: [] }],
  ['a pane under the key of another', { changed: [{ ...own, key: 'pi/default/%2' }], gone: [] }],
  ['the end of a session of another node', { changed: [own], gone: [anothers.key] }],
])('a node that tells of %s is refused, and nothing of it is taken', (_what, told) => {
  const { fleet } = watch()

  expect(() => fleet.hear({ type: 'sessions', all: true, past: [], ...told })).toThrow(
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

test('a node that tells of its own sessions is taken at its word', async () => {
  const { fleet, changes } = watch(() => own)

  fleet.hear({ type: 'sessions', all: true, changed: [own], gone: [], past: [] })
  await fleet.refresh(own.pane)

  expect(changes).toEqual([own.key, own.key])
  expect(fleet.get(`pi/${paneKey(own.pane)}`)).toEqual(own)
})

function watch(refreshed: () => LiveSession | null = () => null) {
  const changes: string[] = []
  const link = fakeLink('pi', { refresh: async () => refreshed(), follow: async () => null })
  const fleet = new RemoteFleet(link, new NodeTime(systemClock), systemClock, {
    onChange: ({ key }) => void changes.push(key),
    onGone: ({ key }) => void changes.push(`${key} gone`),
  })
  return { fleet, changes }
}
