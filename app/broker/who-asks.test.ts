import { expect, test } from 'vitest'
import type { LiveSession } from '../core/fleet.ts'
import { looksWanted, whoAsks } from './who-asks.ts'

const session = (name: string, ...routes: string[]) => ({ name, routes: [`session:${name}`, ...routes] })
const namesOf = (asking: { name: string }[]) => asking.map(({ name }) => name)

test('only the session that a prompt waits for asks, among any number', () => {
  const idle = Array.from({ length: 5_000 }, (_, number) => session(`dev-${number}`, 'any'))

  const asking = whoAsks(idle, [{ routes: ['session:dev-4711'], count: 3 }])

  expect(namesOf(asking)).toEqual(['dev-4711'])
})

test('as many ask as prompts wait for anyone, in their order', () => {
  const idle = [session('a', 'any'), session('b', 'any'), session('c', 'any')]

  const asking = whoAsks(idle, [{ routes: ['any'], count: 2 }])

  expect(namesOf(asking)).toEqual(['a', 'b'])
})

test('every field of a target has to fit', () => {
  const idle = [session('a', 'tag:web', 'node:pi-1'), session('b', 'tag:web', 'node:pi-2')]

  const asking = whoAsks(idle, [{ routes: ['tag:web', 'node:pi-2'], count: 5 }])

  expect(namesOf(asking)).toEqual(['b'])
})

test('whoever finds one target served already asks for another that fits', () => {
  const idle = [session('a', 'tag:web', 'any'), session('b', 'tag:web', 'any')]

  const asking = whoAsks(idle, [
    { routes: ['tag:web'], count: 1 },
    { routes: ['any'], count: 1 },
  ])

  expect(namesOf(asking)).toEqual(['a', 'b'])
})

test.each([
  ['session:dev', true],
  ['session:pi/dev', true],
  ['session:pi/dev:0.0', true],
  ['session:%7', true],
  ['session:other', false],
  ['any', true],
  ['tag:web', true],
  ['node:pi', true],
  ['node:pi-2', false],
])('at first sight %s is meant for pi/dev, or not: %s', (route, expected) => {
  const pane = { sessionName: 'dev', address: 'dev:0.0', paneId: '%7' }
  const live = { key: 'pi/default/%7', pane } as LiveSession

  expect(looksWanted([{ routes: [route], count: 1 }])(live)).toBe(expected)
})
