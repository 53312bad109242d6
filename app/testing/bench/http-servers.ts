import express from 'express'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { submitPrompt } from '../../db/prompts.ts'
import { saveSession, type StoredSession } from '../../db/sessions.ts'
import { startDashboard, type TestDashboard } from '../dashboard.ts'

/** What the measuring process has to know of a server. */
export interface Served {
  port: number
  /** `Authorization` of a program, and `Cookie` of a browser; '' where nobody is asked for it. */
  authorization: string
  cookie: string
}

const waitingPrompts = 10_000
const sessions = 200

/** The dashboard as it is, with a full queue and a large fleet; it works until its parent is gone. */
export async function serveDashboard(): Promise<void> {
  const dashboard = await startDashboard()
  await fill(dashboard)
  const { token } = await dashboard.token(['read'], 'viewer')
  const { cookie } = await dashboard.signIn('viewer')
  tell({ port: dashboard.listening.port, authorization: `Bearer ${token}`, cookie })
  await parentGone()
  await dashboard[Symbol.asyncDispose]()
}

/** Express with one route and nothing else, which answers with `json`. */
export async function serveBare(json: string): Promise<void> {
  const reply: unknown = JSON.parse(json)
  const app = express()
  app.get('/api/assigner/status', (_request, response) => {
    response.json(reply)
  })
  const server = app.listen(0, '127.0.0.1', () => {
    const address = server.address()
    tell({ port: typeof address === 'object' ? address!.port : 0, authorization: '', cookie: '' })
  })
  await parentGone()
  server.closeAllConnections()
  server.close()
}

export function tell(served: Served) {
  process.send?.(served)
}

export function parentGone(): Promise<void> {
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve())
  })
}

async function fill({ web }: TestDashboard): Promise<void> {
  const { database, config } = web
  await database.write(async (db) => {
    await submitPrompt(db, { content: 'the first' }, 1)
    for (let n = 0; n < sessions; n += 1) await saveSession(db, sessionNumber(n))
  })
  const raw = new Sqlite(join(config.dataDir, 'architect.db'))
  raw.exec(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${waitingPrompts})
    insert into prompts (state, content, priority, target, target_id, timeout_minutes, max_retries, metadata,
      created_at, enqueued_at, ended_at, context, agent_command, repeatable)
    select case when i % 4 = 0 then 'pending' else 'completed' end, hex(zeroblob(250)), i % 11, '{}', 1, 30, 3,
      '{}', i, i, case when i % 4 = 0 then null else ${Date.now()} - i * 10000 end, 'any', 0, 0 from n`)
  raw.close()
}

function sessionNumber(n: number): StoredSession {
  return {
    key: `test/default/%${n}`,
    node: 'test',
    server: 'default',
    paneId: `%${n}`,
    name: `worker${n}`,
    address: `worker${n}:0.0`,
    agent: 'claude',
    version: '2.1.0',
    generation: `${n}-1/${n}-2`,
    state: n % 3 === 0 ? 'busy' : 'idle',
    since: 1,
    acceptsPrompt: n % 3 !== 0,
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '/code',
    title: '',
    rule: 'claude/idle',
    typedAt: null,
    promptId: null,
    seenAt: 1,
  }
}
