import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { giveSessionToken } from '../accounts/session-token.ts'
import { submit } from '../broker/commands.ts'
import type { PromptId } from '../core/prompt.ts'
import { endAttempt, lastAttempt, recordPhase } from '../db/attempts.ts'
import { claimNextPrompt } from '../db/claims.ts'
import { advancePrompt } from '../db/prompts.ts'
import { setSessionSettings, type SettingsChanges } from '../db/session-settings.ts'
import { saveSession } from '../db/sessions.ts'
import { claimingSession } from './claiming.ts'
import type { TestDashboard } from './dashboard.ts'

/** A session with its place, its agent idle, and a client that speaks for it. */
export async function joinAs({ web, url }: TestDashboard, name: string, settings: SettingsChanges) {
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
    token,
    paneId,
    key: sessionKey,
    takesNext,
    async worksOn(content: string): Promise<PromptId> {
      const input = { content, target: { session: name }, force: true } // a person's, past its manager
      const { prompt } = await submit(database, input, clock.now())
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
