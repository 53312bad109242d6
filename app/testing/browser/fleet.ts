import { submit } from '../../broker/commands.ts'
import type { NewPrompt, PromptId } from '../../core/prompt.ts'
import type { SessionState } from '../../core/session.ts'
import { endAttempt, recordPhase } from '../../db/attempts.ts'
import { claimNextPrompt } from '../../db/claims.ts'
import type { Database } from '../../db/open.ts'
import { advancePrompt } from '../../db/prompts.ts'
import { sessionRoutes } from '../../db/targets.ts'
import { saveSession, setSessionSettings, type StoredSession } from '../../db/sessions.ts'

/*
 * A fleet at work, as rows in the database: what panels look like on a busy day, without any agent.
 */

const minuteMs = 60_000

interface Staffed {
  name: string
  agent: string
  version: string
  state: SessionState
  node?: string
  cwd: string
  minutes: number
}

const staff: Staffed[] = [
  { name: 'api', agent: 'claude', version: '2.1.329', state: 'busy', cwd: '/home/ada/shop/api', minutes: 6 },
  {
    name: 'web',
    agent: 'claude',
    version: '2.1.329',
    state: 'permission',
    cwd: '/home/ada/shop/web',
    minutes: 3,
  },
  {
    name: 'docs',
    agent: 'gemini',
    version: '0.61.0',
    state: 'idle',
    cwd: '/home/ada/shop/docs',
    minutes: 21,
  },
  { name: 'infra', agent: 'codex', version: '0.169.0', state: 'busy', cwd: '/srv/infra', minutes: 2 },
  {
    name: 'mobile',
    agent: 'opencode',
    version: '1.18.33',
    state: 'idle',
    cwd: '/home/ada/shop/mobile',
    minutes: 48,
  },
  {
    name: 'review',
    agent: 'claude',
    version: '2.1.329',
    state: 'question',
    node: 'pi-2',
    cwd: '/home/pi/review',
    minutes: 11,
  },
  {
    name: 'nightly',
    agent: 'claude',
    version: '2.0.77',
    state: 'limited',
    node: 'pi-2',
    cwd: '/home/pi/nightly',
    minutes: 75,
  },
  {
    name: 'scratch',
    agent: 'codex',
    version: '0.169.0',
    state: 'idle',
    node: 'pi-2',
    cwd: '/tmp/scratch',
    minutes: 130,
  },
]

export const answer = `The tests failed because the fixture's clock ran in **UTC** while the assertion compared local time.

## What I changed
- \`login.test.ts\` uses the injected clock
- removed the \`sleep(1000)\` that hid it

\`\`\`ts
const session = await signIn({ clock: fixedClock('2026-11-21T09:00:00Z') })
\`\`\`

All 214 tests pass. <script>alert('never')</script>`

const finished: [string, string, number, number, number][] = [
  ['Fix the flaky login test and say why it was flaky', 'docs', 6, 84, 12],
  ['Upgrade the payment client to v4', 'mobile', 24, 412, 388],
  ['Write the release notes for 2.6', 'docs', 41, 63, 0],
  ['Find out why the nightly backup takes four hours', 'scratch', 58, 0, 0],
  ['Translate the onboarding screens into French', 'mobile', 95, 230, 4],
]

const waiting: [string, number, Record<string, string>][] = [
  ['Add an index for the slow orders query and prove it with EXPLAIN', 5, { session: 'api' }],
  ['Replace moment.js in the whole web client', 0, { agent: 'claude' }],
  ['Check every link in the documentation', 0, { tag: 'docs' }],
  ['Describe the deploy of the staging cluster in docs/deploy.md', 2, {}],
]

/** Fills an empty database. */
export async function populate(database: Database, node: string, now: number): Promise<void> {
  for (const each of staff) await database.write((db) => saveSession(db, rowOf(each, node, now)))
  await database.write((db) => setSessionSettings(db, { node, name: 'docs' }, { tags: ['docs'] }, now))
  await database.write((db) => setSessionSettings(db, { node, name: 'web' }, { tier: 'manager' }, now))
  for (const [content, session, minutes, added, removed] of finished.toReversed()) {
    await finish(database, node, { content, session, endedAt: now - minutes * minuteMs, added, removed })
  }
  await fail(database, node, now - 33 * minuteMs)
  for (const [content, name, minutes] of [
    ['Move the session store to PostgreSQL', 'api', 6],
    ['Roll the new certificates out', 'infra', 2],
  ] as const) {
    await run(database, node, content, name, now - minutes * minuteMs)
  }
  for (const [content, priority, target] of waiting) {
    await submit(database, { content, priority, target }, now - 4 * minuteMs)
  }
  await submit(database, { content: 'Delete the old invoices bucket', staged: true }, now - 17 * minuteMs)
  await submit(
    database,
    { content: 'Publish the weekly report', notBefore: now + 90 * minuteMs },
    now - minuteMs,
  )
  await doubt(database, node, now - 12 * minuteMs)
}

function rowOf(
  { name, agent, version, state, node, cwd, minutes }: Staffed,
  home: string,
  now: number,
): StoredSession {
  const index = staff.findIndex((each) => each.name === name)
  const where = node ?? home
  return {
    key: `${where}/default/%${index}`,
    node: where,
    server: 'default',
    paneId: `%${index}`,
    name,
    address: `${name}:0.0`,
    agent,
    version,
    generation: `${name}-1`,
    state,
    since: now - minutes * minuteMs,
    acceptsPrompt: state === 'idle',
    draft: name === 'mobile',
    trusted: true,
    limitedUntil: state === 'limited' ? now + 95 * minuteMs : null,
    cwd,
    title: name,
    rule: `${agent}/${state}`,
    typedAt: null,
    promptId: null,
    seenAt: now,
  }
}

/** What somebody is given to do: its text alone, or what a part of other work has beside it. */
export type Work = string | NewPrompt

async function claim(database: Database, node: string, work: Work, name: string, at: number) {
  const index = staff.findIndex((each) => each.name === name)
  const { agent } = staff[index]!
  const input = typeof work === 'string' ? { content: work } : work
  const { prompt } = await submit(database, { ...input, target: { session: name } }, at)
  const session = {
    sessionKey: `${staff[index]!.node ?? node}/default/%${index}`,
    sessionName: name,
    generation: `${name}-1`,
    node: staff[index]!.node ?? node,
    routes: sessionRoutes(staff[index]!.node ?? node, [name]),
    agent,
    tier: 'worker' as const,
    tags: [],
    dir: '/',
    allowUntargeted: false,
  }
  const lease = { owner: 'assigner', until: at + minuteMs }
  const claimed = await database.write((db) => claimNextPrompt(db, session, lease, at + 400))
  if (!claimed) throw new Error(`nobody took prompt ${prompt.id}`)
  return claimed
}

/** A prompt that was delivered to this session and runs. */
export async function run(database: Database, node: string, work: Work, name: string, at: number) {
  const { prompt, attempt } = await claim(database, node, work, name, at)
  const says = (afterMs: number, text: string, source: 'process' | 'hook' = 'process') => {
    return [{ source, at: at + afterMs, says: text }]
  }
  await database.write(async (db) => {
    await recordPhase(db, attempt, 'typed', { at: at + 900, evidence: says(900, 'the text was pasted') })
    await recordPhase(db, attempt, 'entered', {
      at: at + 1_300,
      evidence: says(1_300, 'Enter was pressed (1)'),
    })
    const evidence = says(1_340, 'the hook UserPromptSubmit shows the prompt', 'hook')
    await recordPhase(db, attempt, 'submitted', { at: at + 1_340, evidence })
    await advancePrompt(db, prompt.id, 'start', { startedAt: at + 1_340 }, at + 1_340)
    await db
      .updateTable('sessions')
      .set({ prompt_id: prompt.id })
      .where('key', '=', attempt.sessionKey)
      .execute()
  })
  return { prompt, attempt }
}

export interface Finished {
  content: Work
  session: string
  endedAt: number
  added: number
  removed: number
}

/** A prompt that was completed then, a few minutes after it was given. Returns its number. */
export async function finish(
  database: Database,
  node: string,
  { content, session, endedAt, added, removed }: Finished,
): Promise<PromptId> {
  const { prompt, attempt } = await run(database, node, content, session, endedAt - 372_000)
  const files = ['app/login.test.ts', 'app/login.ts', 'package.json'].slice(0, added > 0 ? 3 : 0)
  const changes = {
    commits: added > 0 ? ['4c1d9aa Fix the flaky login test'] : [],
    files,
    addedLines: added,
    removedLines: removed,
  }
  await database.write(async (db) => {
    const fields = {
      answer,
      answerSource: 'transcript' as const,
      tokensIn: 11_820,
      tokensOut: 614,
      costUsd: 0.0834,
      changes,
    }
    await endAttempt(db, attempt, 'completed', fields, endedAt)
    await advancePrompt(db, prompt.id, 'finish', { reason: null, endedAt }, endedAt)
    await db.updateTable('sessions').set({ prompt_id: null }).where('key', '=', attempt.sessionKey).execute()
  })
  return prompt.id
}

async function fail(database: Database, node: string, at: number) {
  const { prompt, attempt } = await run(database, node, 'Run the load test against staging', 'scratch', at)
  const reason = 'the turn took longer than 30 minutes'
  await database.write(async (db) => {
    await endAttempt(db, attempt, 'timed_out', { reason }, at + 30 * minuteMs)
    await advancePrompt(db, prompt.id, 'fail', { reason, endedAt: at + 30 * minuteMs }, at + 30 * minuteMs)
    await db.updateTable('sessions').set({ prompt_id: null }).where('key', '=', attempt.sessionKey).execute()
  })
}

async function doubt(database: Database, node: string, at: number) {
  const { prompt, attempt } = await claim(
    database,
    node,
    'Rename the customer table to accounts',
    'review',
    at,
  )
  const attention = 'It is not known whether review got this prompt: its pane ended 80 ms after the Enter.'
  await database.write(async (db) => {
    await recordPhase(db, attempt, 'unknown', { at: at + 1_000, evidence: [] })
    await advancePrompt(db, prompt.id, 'doubt', { attention, startedAt: at + 1_000 }, at + 1_000)
  })
}
