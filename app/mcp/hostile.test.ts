import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { giveSessionToken } from '../accounts/session-token.ts'
import { submit } from '../broker/commands.ts'
import { mostTalk } from '../broker/hierarchy/sender-limits.ts'
import type { PromptId } from '../core/prompt.ts'
import { setSessionSettings } from '../db/session-settings.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { joinAs } from '../testing/mcp-session.ts'
import { waitFor } from '../testing/wait-for.ts'

/* What an agent may try that was told to, or that lost its way. */

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe('a session', () => {
  test('can neither smuggle work as words nor write a digest', async () => {
    const lead = await joinAs(dashboard, 'lead1', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker1', { tier: 'worker', manager: 'lead1' })
    await worker.worksOn('x')

    const smuggled = await worker.refused('delegate', { text: 'Do it', to: 'lead1', kind: 'question' })
    const { database, clock } = dashboard.web
    const from = { node: 'test', name: 'lead1' }
    const digest = submit(
      database,
      { content: 'x', kind: 'digest', from, target: { session: 'worker1' } },
      clock.now(),
    )

    expect(smuggled).toBe('A question is no work, and nothing comes back: use send_prompt.')
    await expect(digest).rejects.toThrow('Digests are written by Architect itself')
    expect(await lead.ask('list_sessions')).toEqual(expect.any(Array))
  })

  test('gets past the rules by no way of naming another: pane, address, node, a name that nobody has yet', async () => {
    const lead = await joinAs(dashboard, 'lead2', { tier: 'manager' })
    await joinAs(dashboard, 'own2', { tier: 'worker', manager: 'lead2' })
    const other = await joinAs(dashboard, 'other2', { tier: 'worker', manager: 'lead1' })
    const names = [
      'other2',
      'test/other2',
      'other2:0.0',
      'test/other2:0.0',
      other.paneId,
      `test/${other.paneId}`,
    ]

    for (const to of names) expect(await lead.refused('delegate', { text: 'x', to })).toMatch(/may not send/)
    for (const to of [other.key, 'ghost', ' other2', 'OTHER2']) {
      expect(await lead.refused('delegate', { text: 'x', to })).toMatch(/There is no session "/)
    }
  })

  test('locks nothing in a folder that it does not work in', async () => {
    const worker = await joinAs(dashboard, 'worker9', { tier: 'worker' })
    await dashboard.web.database.write((db) =>
      db.updateTable('sessions').set({ cwd: tmpdir() }).where('key', '=', worker.key).execute(),
    )

    for (const action of ['take', 'release', 'ready']) {
      const refused = await worker.refused('lock_files', { action, dir: '/etc', files: ['passwd'] })
      expect(refused).toMatch(/not in the project that you work in/)
    }
    expect(await worker.ask('lock_files', { action: 'list' })).toEqual([])
  })

  test('is stopped when it gives out work or words in a loop', async () => {
    const lead = await joinAs(dashboard, 'lead3', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker3', { tier: 'worker', manager: 'lead3' })
    const sent = async (send: () => Promise<unknown>, times: number) => {
      const results = []
      for (let n = 0; n < times; n += 1) results.push(await send().then(() => true, String))
      return { taken: results.filter((result) => result === true).length, last: results.at(-1) }
    }

    const work = await sent(() => lead.ask('delegate', { text: 'x', to: 'worker3' }), 60)
    const words = await sent(() => worker.ask('send_prompt', { to: 'lead3', text: 'ping' }), mostTalk + 5)

    expect(work).toMatchObject({
      taken: 50,
      last: expect.stringContaining('given out 50 prompts that are open'),
    })
    expect(words).toMatchObject({ taken: mostTalk, last: expect.stringContaining('Go on with your work') })
  })

  test('reads nothing of sessions that a namesake on another machine leads', async () => {
    const namesake = await joinAs(dashboard, 'lead4', { tier: 'manager' })
    const real = await joinAs(dashboard, 'real4', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker4', { tier: 'worker', manager: 'test/real4' })
    const { database, clock } = dashboard.web
    const far = { node: 'far', name: 'far4' }
    await database.write((db) => setSessionSettings(db, far, { manager: 'lead4' }, clock.now()))
    const id = await worker.worksOn('The secret plan')
    const secret = await worker.worksOn('Another one')
    await database.write(async (db) => {
      const there = { session_key: 'far/default/%1', session_name: 'far4' }
      await db.updateTable('prompts').set(there).where('id', '=', secret).execute()
    })

    const before = await namesake.refused('get_result', { prompt: secret })

    expect(before).toContain('not yours to read')
    expect(await real.ask('get_result', { prompt: id })).toMatchObject({ prompt: id })
  })

  test('says no more of a result, and hears no more of many, than somebody wants to read', async () => {
    const lead = await joinAs(dashboard, 'lead5', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker5', { tier: 'worker', manager: 'lead5' })
    await lead.worksOn('x')
    const ids: PromptId[] = []
    for (let n = 0; n < 40; n += 1) {
      const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'x', to: 'worker5' })
      await worker.takesNext()
      await worker.ends(prompt, 'long '.repeat(2_000))
      ids.push(prompt)
    }

    const comment = await lead.refused('review', {
      prompt: ids[0],
      verdict: 'accept',
      comment: 'x'.repeat(10_001),
    })
    const { ended } = await lead.ask<{ ended: unknown[] }>('wait_for', { prompts: [...ids, ...ids] })

    expect(comment).toBe('The comment has 10001 characters; 10000 is the most.')
    expect(ended).toHaveLength(40)
    expect(JSON.stringify(ended).length).toBeLessThan(50_000)
  })
})

describe('over HTTP', () => {
  test('fifty that wait at once are told at once, while everybody else is served', async () => {
    const lead = await joinAs(dashboard, 'lead6', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker6', { tier: 'worker', manager: 'lead6' })
    await lead.worksOn('x')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'x', to: 'worker6' })
    const before = process.memoryUsage().heapUsed

    const waiting = Array.from({ length: 50 }, () => lead.ask('wait_for', { prompts: [prompt] }))
    await worker.takesNext()
    const health = await dashboard.anonymous.get('/health')
    await worker.ends(prompt, 'Done.')
    const endedAt = Date.now()
    const answers = await Promise.all(waiting)

    expect(health.status).toBeLessThan(600)
    expect(answers).toEqual(
      Array.from({ length: 50 }, () => ({
        ended: [{ prompt, state: 'completed', session: 'worker6', answer: 'Done.' }],
      })),
    )
    expect(Date.now() - endedAt).toBeLessThan(10_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
  })

  test('who hangs up waits no longer, and hears of the end by a digest', async () => {
    const lead = await joinAs(dashboard, 'lead7', { tier: 'manager' })
    await joinAs(dashboard, 'worker7', { tier: 'worker', manager: 'lead7' })
    await lead.worksOn('x')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'x', to: 'worker7' })
    const awaited = async () =>
      (
        await dashboard.web.database.kysely
          .selectFrom('prompts')
          .select('awaited_until')
          .where('id', '=', prompt)
          .executeTakeFirstOrThrow()
      ).awaited_until
    const leaving = new AbortController()

    const call = callTool(lead.token, 'wait_for', { prompts: [prompt] }, leaving.signal)
    const refusal = call.then(String, String)
    await waitFor(async () => (await awaited()) !== null, 'somebody waits')
    leaving.abort()

    await waitFor(async () => (await awaited()) === null, 'nobody waits any more')
    expect(await awaited()).toBeNull()
    expect(await refusal).toMatch(/abort/i)
  })

  test('a token that is wrong, or that a later one has ended, is answered with 401', async () => {
    const lead = await joinAs(dashboard, 'lead8', { tier: 'manager' })
    const { database, clock } = dashboard.web

    const good = await callTool(lead.token, 'my_task', {})
    await giveSessionToken(database, { node: 'test', name: 'lead8' }, clock.now())
    const ended = await callTool(lead.token, 'my_task', {})
    const wrong = await callTool('archs_wrong', 'my_task', {})

    expect([good.status, ended.status, wrong.status]).toEqual([200, 401, 401])
  })
})

function callTool(token: string, name: string, input: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${dashboard.url}/mcp`, {
    method: 'POST',
    ...(signal && { signal }),
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } }),
  })
}
