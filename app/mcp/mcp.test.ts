import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { giveSessionToken } from '../accounts/session-token.ts'
import { submit } from '../broker/commands.ts'
import type { PromptId } from '../core/prompt.ts'
import { endAttempt, lastAttempt, recordPhase } from '../db/attempts.ts'
import { claimNextPrompt } from '../db/claims.ts'
import { eventsAfter } from '../db/events.ts'
import { advancePrompt, getPrompt } from '../db/prompts.ts'
import { setSessionSettings, type SettingsChanges } from '../db/session-settings.ts'
import { saveSession } from '../db/sessions.ts'
import { claimingSession } from '../testing/claiming.ts'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'

describe('the tools', () => {
  test('are few, and short to read', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })

    const { tools } = await boss.client.listTools()

    expect(tools).toHaveLength(11)
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

  test('is asked of people, who are told what it is about', async () => {
    await using dashboard = await startDashboard()
    const boss = await joinAs(dashboard, 'boss', { tier: 'high_level' })
    await boss.worksOn('Ship it')

    const answer = await boss.ask('ask_human', { question: 'Drop the column?', choices: ['yes', 'no'] })

    expect(answer).toMatch(/^Asked, as question \d+\. End your turn now/)
  })
})

/** A session with its place, its agent idle, and a client that speaks for it. */
async function joinAs({ web, url }: TestDashboard, name: string, settings: SettingsChanges) {
  const { database, host, clock } = web
  const { node } = host
  const paneId = `%${(paneCount += 1)}`
  const sessionKey = `${node}/default/${paneId}`
  const see = async (promptId: PromptId | null) =>
    database.write((db) =>
      saveSession(db, { ...seen, key: sessionKey, node, name, address: `${name}:0.0`, paneId, promptId }),
    )
  await database.write((db) => setSessionSettings(db, { node, name }, settings, clock.now()))
  await see(null)
  const token = await giveSessionToken(database, { node, name }, clock.now())
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    }),
  )
  const call = async (tool: string, input: Record<string, unknown> = {}) => {
    const { isError = false, content } = await client.callTool({ name: tool, arguments: input })
    const [part] = content as { text: string }[]
    return { isError, text: part!.text }
  }
  const takesNext = async () => {
    const { tier = 'worker', tags = [] } = settings
    const names = [name, `${name}:0.0`, paneId]
    const place = { node, sessionKey, sessionName: name, tier: tier ?? 'worker', tags, names }
    const claim = await database.write(async (db) => {
      const claimed = await claimNextPrompt(
        db,
        claimingSession(place),
        { owner: 'test', until: clock.now() + 60_000 },
        clock.now(),
      )
      if (!claimed) throw new Error(`Nothing waits for ${name}.`)
      await recordPhase(db, claimed.attempt, 'submitted', { at: clock.now() })
      await advancePrompt(db, claimed.prompt.id, 'start', {}, clock.now())
      return claimed
    })
    await see(claim.prompt.id)
  }
  return {
    client,
    takesNext,
    async worksOn(content: string): Promise<PromptId> {
      const { prompt } = await submit(database, { content, target: { session: name } }, clock.now())
      await takesNext()
      return prompt.id
    },
    async ends(id: PromptId, answer: string) {
      await database.write(async (db) => {
        const attempt = await lastAttempt(db, id)
        await endAttempt(db, attempt!, 'completed', { answer }, clock.now())
        await advancePrompt(db, id, 'finish', {}, clock.now())
      })
      await database.bus.notify('prompts')
    },
    /** What the agent reads, as JSON where it is. */
    async ask<Answer = unknown>(tool: string, input: Record<string, unknown> = {}): Promise<Answer> {
      const { isError, text } = await call(tool, input)
      if (isError) throw new Error(text)
      return (/^[[{]/.test(text) ? JSON.parse(text) : text) as Answer
    },
    async refused(tool: string, input: Record<string, unknown> = {}): Promise<string> {
      const { isError, text } = await call(tool, input)
      if (!isError) throw new Error(`${tool} was not refused: ${text}`)
      return text
    },
  }
}

let paneCount = 0

const seen = {
  server: 'default',
  agent: 'claude',
  version: '2.1.329',
  generation: '100-200/300-400',
  state: 'idle' as const,
  since: 1,
  acceptsPrompt: true,
  draft: false,
  trusted: true,
  limitedUntil: null,
  cwd: '/',
  title: '',
  rule: 'claude/idle',
  typedAt: null,
  seenAt: 1,
}
