import { describe, expect, test } from 'vitest'
import type { PromptId } from '../core/prompt.ts'
import { lastAttempt } from '../db/attempts.ts'
import { eventsAfter } from '../db/events.ts'
import { getPrompt } from '../db/prompts.ts'
import { startDashboard } from '../testing/dashboard.ts'
import { joinAs } from '../testing/mcp-session.ts'

describe('the tools', () => {
  test('are few, and short to read', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })

    const { tools } = await boss.client.listTools()

    expect(tools).toHaveLength(12)
    expect(JSON.stringify(tools).length).toBeLessThan(8_000)
  })

  test('say what their own session is about', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    const id = await boss.worksOn('Ship it')

    const answer = await boss.ask('my_task')

    expect(answer).toEqual({
      you: { name: 'boss', tier: 'high_level' },
      prompt: id,
      from: 'a person',
      text: 'Ship it',
    })
  })

  test('answer a refusal with its reason, not with a failure of the protocol', async () => {
    await using dashboard = await startDashboard()
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })

    const refusal = await worker.refused('get_result', { prompt: 7 })

    expect(refusal).toBe('There is no prompt 7.')
  })

  test('refuse input that does not fit, and go on', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })

    const refusal = await boss.refused('delegate', { text: 7 })

    expect(refusal).toMatch(/text/)
    expect(await boss.ask('list_sessions')).toHaveLength(1)
  })
})

describe('work that is passed on', () => {
  test('is a part of the own prompt, and waited for until it is there', async () => {
    await using dashboard = await startDashboard()
    const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })
    const own = await lead.worksOn('Ship it')

    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'Test it', to: 'worker' })
    const waiting = lead.ask('wait_for', {})
    await worker.takesNext()
    await worker.ends(prompt, 'All 12 tests pass.')

    expect(await getPrompt(dashboard.web.database.kysely, prompt)).toMatchObject({ parent: own })
    expect(await waiting).toEqual({
      ended: [{ prompt, state: 'completed', session: 'worker', answer: 'All 12 tests pass.' }],
    })
  })

  test('that ended before anybody waited is handed over once', async () => {
    await using dashboard = await startDashboard()
    const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })
    await lead.worksOn('Ship it')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'Test it', to: 'worker' })
    await worker.takesNext()
    await worker.ends(prompt, 'Done.')

    const first = await lead.ask('wait_for', {})
    const second = await lead.refused('wait_for', {})

    expect(first).toMatchObject({ ended: [{ prompt, answer: 'Done.' }] })
    expect(second).toContain('Nothing that you delegated')
  })

  test('is said to be open when time is up', async () => {
    await using dashboard = await startDashboard()
    const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
    await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })
    await lead.worksOn('Ship it')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'Test it', to: 'worker' })

    const answer = await lead.ask('wait_for', { prompts: [prompt], seconds: 0 })

    expect(answer).toEqual({
      ended: [],
      open: [{ prompt, state: 'pending', session: null }],
      note: 'time is up; wait_for again',
    })
  })

  test('goes back with a comment, and is then what the worker is asked', async () => {
    await using dashboard = await startDashboard()
    const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })
    await lead.worksOn('Ship it')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'Test it', to: 'worker' })
    await worker.takesNext()
    await worker.ends(prompt, 'Done.')

    await lead.ask('review', { prompt, verdict: 'send_back', comment: 'Run the slow ones, too.' })
    await worker.takesNext()

    const attempt = await lastAttempt(dashboard.web.database.kysely, prompt)
    expect(attempt).toMatchObject({ number: 2, text: expect.stringContaining('Run the slow ones, too.') })
  })

  test('is nobody else’s to read', async () => {
    await using dashboard = await startDashboard()
    const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })
    const stranger = await joinAs(dashboard, 'stranger', { tier: 'worker' })
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    const own = await lead.worksOn('The secret plan')
    const { prompt } = await lead.ask<{ prompt: PromptId }>('delegate', { text: 'A part', to: 'worker' })
    await worker.takesNext()

    const refusals = await Promise.all([
      stranger.refused('get_result', { prompt }),
      stranger.refused('wait_for', { prompts: [own], seconds: 0 }),
      stranger.refused('review', { prompt, verdict: 'accept' }),
      worker.refused('get_result', { prompt: own }),
    ])

    expect(refusals.map((text) => /not (yours|for)/.test(text))).toEqual([true, true, true, true])
    expect(await worker.ask('get_result', { prompt })).toMatchObject({ prompt })
    expect(await boss.ask('get_result', { prompt })).toMatchObject({ prompt })
  })

  test('by a worker is refused with the reason', async () => {
    await using dashboard = await startDashboard()
    await joinAs(dashboard, 'lead', { tier: 'manager' })
    const worker = await joinAs(dashboard, 'worker', { tier: 'worker', manager: 'lead' })

    const refusal = await worker.refused('delegate', { text: 'Do my work', to: 'lead' })

    expect(refusal).toContain('may not')
  })
})

describe('what disturbs nobody', () => {
  test('is in the log, with the session that said it', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    const id = await boss.worksOn('Ship it')

    await boss.ask('report', { text: 'Half of it is done.' })
    await boss.ask('log_error', { message: 'npm is down' })

    const events = await eventsAfter(dashboard.web.database.kysely, 0, { limit: 500 })
    expect(events.filter(({ type }) => type === 'report' || type === 'error')).toMatchObject([
      { noun: 'prompt', nounId: String(id), actor: { kind: 'session', name: 'boss' } },
      { noun: 'session', data: { message: 'npm is down', promptId: id } },
    ])
  })

  test('ends where an agent writes the same kind of note without end', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    for (let count = 0; count < 60; count += 1) await boss.ask('log_error', { message: `error ${count}` })

    const refusal = await boss.refused('log_error', { message: 'one more' })

    expect(refusal).toContain('that is enough')
  })

  test('is asked of people, who are told what it is about', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    await boss.worksOn('Ship it')

    const answer = await boss.ask('ask_human', { question: 'Drop the column?', choices: ['yes', 'no'] })

    expect(answer).toMatch(/^Asked, as question \d+\. End your turn now/)
  })
})
