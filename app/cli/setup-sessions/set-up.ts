import { requirePlace } from '../../broker/hierarchy/settle.ts'
import type { Context } from '../../context.ts'
import type { SessionReading } from '../../core/agent.ts'
import { isAppError } from '../../core/errors.ts'
import { paneKey, type Pane, type PaneRef } from '../../core/host.ts'
import { bindSessionToken } from '../../db/account/session-tokens.ts'
import { getSessionSettings, setSessionSettings, type SessionSettings } from '../../db/session-settings.ts'
import { agentSession } from '../../launch/agent-session.ts'
import { withSecrets } from '../../launch/secrets.ts'
import { giveSecrets, parseWanted } from '../../vault/give.ts'
import { vaultUserHere } from '../vault/desk.ts'
import type { WantedSession } from './file.ts'

export interface SetUp {
  name: string
  agent: string
  dir: string
  did: 'exists' | 'started' | 'resumed' | 'would_start' | 'would_resume' | 'left_alone' | 'failed'
  /** What a person should know or do. */
  note: string | null
}

/** Stands in the settings of sessions that were made here: only these are resumed. */
const maker = 'setup-sessions'

/** Makes every wanted session exist, one after the other; run again, it changes nothing. */
export async function* setUpSessions(
  context: Context,
  wanted: WantedSession[],
  { dryRun }: { dryRun: boolean },
): AsyncGenerator<SetUp> {
  const panes = await panesNow(context)
  for (const session of wanted) {
    const there = panes.filter(({ sessionName }) => sessionName === session.name)
    yield there.length > 0
      ? await keep(context, session, there, dryRun)
      : await make(context, session, dryRun)
  }
}

/** Without a tmux server there are no panes; making the first session starts one. */
async function panesNow({ host }: Context): Promise<Pane[]> {
  try {
    return await host.list()
  } catch (error) {
    if (isAppError(error, 'unavailable')) return []
    throw error
  }
}

async function keep(
  context: Context,
  session: WantedSession,
  panes: Pane[],
  dryRun: boolean,
): Promise<SetUp> {
  const agents = await agentsIn(context, panes)
  if (agents.length === 0) {
    const commands = [...new Set(panes.map(({ command }) => command))].join(', ')
    return report(
      session,
      'left_alone',
      `it holds no agent but ${commands}; end it or start ${session.agent} there`,
    )
  }
  if (!agents.includes(session.agent)) {
    return report(session, 'left_alone', `it holds ${agents.join(', ')}, not ${session.agent}`)
  }
  if (!dryRun) await remember(context, session)
  return report(session, 'exists', elsewhere(session, panes))
}

/** What the file says about the folder of a session that is there already can't be made true. */
function elsewhere({ dir }: WantedSession, panes: Pane[]): string | null {
  const folders = [...new Set(panes.map(({ path }) => path))]
  return folders.includes(dir) ? null : `it works in ${folders.join(', ')}`
}

async function agentsIn({ host, reader }: Context, panes: Pane[]): Promise<string[]> {
  const agents: string[] = []
  for (const pane of panes.filter((candidate) => !candidate.dead && reader.mayHoldAgent(candidate))) {
    const { agent } = reader.read(await host.look(pane))
    if (agent !== null) agents.push(agent)
  }
  return agents
}

async function make(context: Context, session: WantedSession, dryRun: boolean): Promise<SetUp> {
  const { start, resume } = context.library.get(session.agent)!.launch
  const before = await getSessionSettings(context.database.kysely, context.config.node, session.name)
  const mayResume = resume !== null && wasMadeHere(before, session)
  if (dryRun) return report(session, mayResume ? 'would_resume' : 'would_start', null)
  try {
    const resumed = mayResume ? await launch(context, session, resume) : null
    const launched = resumed ?? (await launch(context, session, start))
    if (!launched) {
      return report(session, 'failed', `${start.join(' ')} ended at once; try it by hand in ${session.dir}`)
    }
    await remember(context, session)
    return report(session, resumed ? 'resumed' : 'started', whatIsLeft(session, launched))
  } catch (error) {
    if (!isAppError(error)) throw error
    return report(session, 'failed', error.message)
  }
}

function wasMadeHere(before: SessionSettings | null, { agent, dir }: WantedSession): boolean {
  return before?.createdBy === maker && before.agent === agent && before.dir === dir
}

/** Until an agent has come up; a cold start on a small machine takes several seconds. In ms. */
const startLimitMs = 20_000
/**
 * An agent that cannot go on draws something before it ends ("No conversation found to continue"): only what
 * stays this long counts as having come up, in ms.
 */
const stayMs = 2_000
const lookEveryMs = 250

/** What came up, and what its user has to do before it has hooks and tools. */
interface Launched {
  reading: SessionReading
  note: string | null
}

/** Starts the program and waits until it shows something that stays; null when it ended instead. */
async function launch(context: Context, session: WantedSession, argv: string[]): Promise<Launched | null> {
  const { host, clock, database } = context
  const { node } = host
  const { name, dir, args } = session
  const userEnv = { ...process.env, ...session.env }
  const program = { ...session, argv: [...argv, ...args], userEnv }
  const { command, env, note } = await agentSession(context, program)
  const secrets = await secretsFor(context, session)
  const prepared = await withSecrets(command, secrets, context.config.runtimeDir)
  const pane = await host.create({ name, dir, env: { ...env, ...session.env }, command: prepared })
  await database.write((db) => bindSessionToken(db, { node, name }, `${node}/${paneKey(pane)}`))
  const limit = clock.now() + startLimitMs
  let settledAt: number | null = null
  for (;;) {
    await clock.sleep(lookEveryMs)
    const reading = await readPane(context, pane)
    if (reading === null) return null
    if (clock.now() > limit) return { reading, note }
    settledAt = hasSettled(reading) ? (settledAt ?? clock.now()) : null
    if (settledAt !== null && clock.now() - settledAt >= stayMs) return { reading, note }
  }
}

async function secretsFor(context: Context, { name, secrets }: WantedSession) {
  if (secrets.length === 0) return {}
  const wanted = secrets.map(parseWanted)
  return giveSecrets(await vaultUserHere(context), wanted, `session ${context.config.node}/${name}`)
}

async function readPane({ host, reader }: Context, pane: PaneRef): Promise<SessionReading | null> {
  try {
    const look = await host.look(pane)
    return look.dead ? null : reader.read(look)
  } catch (error) {
    if (isAppError(error, 'not_found') || isAppError(error, 'unavailable')) return null
    throw error
  }
}

function hasSettled({ agent, state }: SessionReading): boolean {
  return agent !== null && state !== 'busy' && state !== 'not_agent' && state !== 'error'
}

function whatIsLeft({ name }: WantedSession, { reading, note }: Launched): string | null {
  const { agent, acceptsPrompt, state } = reading
  if (acceptsPrompt) return note
  const shows = agent === null ? 'no agent has come up yet' : `it shows ${state}`
  const look = `${shows}; look: tmux attach -t '${name}'`
  return note === null ? look : `${look}. ${note}`
}

async function remember({ database, config, clock }: Context, session: WantedSession): Promise<void> {
  const { name, tier, tags, manager, agent, dir } = session
  const settings = { tier, tags, manager, agent, dir, createdBy: maker }
  const named = { node: config.node, name }
  await database.write(async (db) => {
    // The file is what its owner wants, whoever led the session before.
    await requirePlace(db, named, settings, { force: true })
    await setSessionSettings(db, named, settings, clock.now())
  })
}

function report({ name, agent, dir }: WantedSession, did: SetUp['did'], note: string | null): SetUp {
  return { name, agent, dir, did, note }
}
