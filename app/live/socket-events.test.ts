import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { includesRole, roles, scopes } from '../core/account.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { connectLive } from '../testing/live-client.ts'
import type { SocketEvent } from './socket-event.ts'
import { socketEvents } from './socket-events.ts'

/** The whole table, as every kind of caller: who may is declared, and nobody else may. */
let dashboard: TestDashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Answer {
  error?: { code: string }
}

/** How each event is answered whose payload is nonsense: what is not forbidden is invalid. */
async function answersTo(client: { cookie?: string }, token?: string): Promise<Record<string, string>> {
  await using live = await connectLive(dashboard, client, token === undefined ? {} : { token })
  const codes: Record<string, string> = {}
  for (const { name } of socketEvents) {
    const { error } = await live.ask<Answer>(name, { nonsense: true })
    codes[name] = error?.code ?? 'done'
  }
  return codes
}

const expected = (may: (event: SocketEvent) => boolean) =>
  Object.fromEntries(socketEvents.map((event) => [event.name, may(event) ? 'invalid' : 'forbidden']))

test('names are unique and each event says who may send it', () => {
  const names = socketEvents.map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
  for (const { access } of socketEvents) expect(Object.keys(access)).toEqual(['role', 'scope'])
})

describe('roles', () => {
  test.each(roles)('a %s may send what its role covers, and nothing else', async (role) => {
    const answers = await answersTo(await dashboard.signIn(role))

    expect(answers).toEqual(expected(({ access }) => includesRole(role, access.role)))
  })
})

describe('scopes', () => {
  test.each(scopes)('a token for %s may send what its scope covers, and nothing else', async (scope) => {
    const { token } = await dashboard.token([scope])

    const answers = await answersTo({}, token)

    expect(answers).toEqual(expected(({ access }) => access.scope === scope))
  })
})
