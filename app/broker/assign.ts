import { claimNextPrompt, type ClaimingSession } from '../db/claims.ts'
import { routesOf } from '../db/targets.ts'
import { waitingTargets, type WaitingTarget } from '../db/waiting-targets.ts'
import { getControls } from '../db/controls.ts'
import { noteWaiting, queueOf } from '../db/prompts.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import type { Target } from '../core/prompt.ts'
import type { LiveSession } from '../core/fleet.ts'
import { nodeOf } from '../core/host.ts'
import type { Work } from './attempt/story.ts'
import { claimingSession } from './routes.ts'
import { AtOnce, roomFor } from './hierarchy/at-once.ts'
import type { NodeDesk } from './node-desk.ts'
import type { NodeRecords } from './node-records.ts'
import type { OfficeTools } from './tools.ts'
import { leaseMs } from '../core/queue.ts'
import { looksWanted, whoAsks } from './who-asks.ts'

/** Somebody who typed in a session keeps it to themselves for this long; prompts for that very session still come. */
export const keptByTypistMs = 10 * 60_000
/** So often others are asked instead of those that may not take what waits: far more than stand above a prompt. */
const mostRounds = 20
/** So many waiting prompts are told why they wait. */
const explainedPrompts = 50

export interface Assigning {
  tools: OfficeTools
  nodes: ReadonlyMap<string, NodeDesk>
  records: NodeRecords
  rules: HierarchyRules
  /** Sessions that have an attempt under way. */
  occupied: ReadonlySet<string>
}

/** Those of them that could take a prompt now, those on the node that works least first. */
function freeOf(assigning: Assigning, sessions: readonly LiveSession[]): LiveSession[] {
  const working = workingOn(assigning)
  const now = assigning.tools.clock.now()
  const ranked: { session: LiveSession; rank: number }[] = []
  for (const session of sessions) {
    if (unfit(assigning, session) !== null) continue
    const node = nodeOf(session.key)
    // The second free session of a node comes after every node's first.
    const rank = working.get(node) ?? 0
    if (assigning.records.whyNot(node, rank, now) !== null) continue
    working.set(node, rank + 1)
    ranked.push({ session, rank })
  }
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ session }) => session)
}

/** How many prompts each node works on. */
function workingOn({ occupied }: Assigning): Map<string, number> {
  const working = new Map<string, number>()
  for (const key of occupied) working.set(nodeOf(key), (working.get(nodeOf(key)) ?? 0) + 1)
  return working
}

function sessionsOf({ nodes }: Assigning): LiveSession[] {
  return [...nodes.values()].flatMap(({ fleet }) => fleet.sessions)
}

/** A session is there only as long as its node is. */
function deskOf({ nodes }: Assigning, { key }: LiveSession): NodeDesk {
  return nodes.get(nodeOf(key))!
}

/**
 * Gives waiting prompts to free sessions, at most one each. `refused`: somebody may not take what waits for it;
 * asked again, it would be refused again.
 */
export async function assignPrompts(
  assigning: Assigning,
  begin: (desk: NodeDesk, work: Work) => void,
): Promise<{ refused: boolean }> {
  const { tools } = assigning
  const sessions = sessionsOf(assigning)
  const first = await waitingNow(assigning, sessions)
  const free = freeOf(assigning, sessions.filter(looksWanted(first)))
  if (free.length === 0) return { refused: false }
  const { paused, draining } = await getControls(tools.database.kysely)
  if (paused || draining) return { refused: false }
  let left = free.map((session) => candidateOf(assigning, session))
  for (let round = 0; round < mostRounds; round += 1) {
    const waiting = round === 0 ? first : await waitingNow(assigning, sessions)
    const atOnce = atOnceOf(assigning)
    const asking = whoAsks(
      left.filter(({ session }) => !atOnce.isFull(session)),
      waiting,
    )
    if (asking.length === 0) return { refused: round > 0 }
    const given = await giveOut(assigning, asking, begin)
    if (given === asking.length) return { refused: round > 0 }
    // What one of them may not take, a session above it in a delegation for example, is for another one.
    const asked = new Set(asking)
    left = left.filter((one) => !asked.has(one))
  }
  return { refused: true }
}

function waitingNow({ tools }: Assigning, sessions: readonly LiveSession[]): Promise<WaitingTarget[]> {
  return waitingTargets(tools.database.kysely, sessions.length, tools.clock.now())
}

interface Candidate {
  session: LiveSession
  claiming: ClaimingSession
  routes: readonly string[]
}

function candidateOf(assigning: Assigning, session: LiveSession): Candidate {
  const fitting = claimingOf(assigning, session, takesUntargeted(assigning, session))
  const room = roomFor(deskOf(assigning, session).settingsOf(session), assigning.rules)
  return { session, claiming: { ...fitting, room }, routes: routesOf(fitting) }
}

/** How many of them got something. */
async function giveOut(
  assigning: Assigning,
  asking: readonly Candidate[],
  begin: (desk: NodeDesk, work: Work) => void,
): Promise<number> {
  const atOnce = atOnceOf(assigning)
  if (atOnce.hasRoomFor(asking.map(({ session }) => session))) {
    const given = await Promise.all(asking.map((candidate) => assignOne(assigning, candidate, begin)))
    return given.filter(Boolean).length
  }
  let count = 0
  for (const candidate of asking) {
    if (atOnce.isFull(candidate.session)) continue
    if (!(await assignOne(assigning, candidate, begin))) continue
    atOnce.count(candidate.session)
    count += 1
  }
  return count
}

/** Whether there was something for it. */
async function assignOne(
  assigning: Assigning,
  { session, claiming }: Candidate,
  begin: (desk: NodeDesk, work: Work) => void,
): Promise<boolean> {
  const { tools } = assigning
  const now = tools.clock.now()
  const lease = { owner: tools.owner, until: now + leaseMs }
  const claimed = await tools.database.write((db) => claimNextPrompt(db, claiming, lease, now))
  if (!claimed) return false
  begin(deskOf(assigning, session), { ...claimed, pane: session.pane })
  return true
}

function claimingOf(assigning: Assigning, session: LiveSession, allowUntargeted: boolean) {
  const desk = deskOf(assigning, session)
  return claimingSession(desk.node, session, desk.settingsOf(session), desk.fleet.sessions, allowUntargeted)
}

function workingSessions({ nodes, occupied }: Assigning): LiveSession[] {
  const working = [...occupied].map((key) => nodes.get(nodeOf(key))?.fleet.get(key))
  return working.filter((session) => session !== undefined)
}

function atOnceOf(assigning: Assigning): AtOnce {
  return new AtOnce({
    rules: assigning.rules,
    working: workingSessions(assigning),
    settingsOf: (session) => deskOf(assigning, session).settingsOf(session),
  })
}

/** Tells the first waiting prompts why nobody takes them; a changed reason is an event. */
export async function explainWaiting(assigning: Assigning): Promise<void> {
  const { tools } = assigning
  const controls = await getControls(tools.database.kysely)
  const waiting = (await queueOf(tools.database.kysely, explainedPrompts)).filter(({ hold }) => hold === null)
  if (waiting.length === 0) return
  const stopped = controls.paused
    ? 'the queue is paused'
    : controls.draining
      ? 'the queue is being drained'
      : null
  const everybody = sessionsOf(assigning).map((session) => ({
    session,
    routes: new Set(routesOf(claimingOf(assigning, session, true))),
  }))
  await tools.database.write(async (db) => {
    for (const { id, target } of waiting) {
      await noteWaiting(db, id, stopped ?? whyWaiting(assigning, everybody, target), tools.clock.now())
    }
  })
}

/** Why a session can't take a prompt now; null when it can. */
export function unfit(assigning: Assigning, session: LiveSession): string | null {
  const { reading, pane, key } = session
  const desk = deskOf(assigning, session)
  const settings = desk.settingsOf(session)
  if (desk.fleet.awaySince !== null) return `out of reach: ${desk.node} can't be heard`
  if (settings.ignored) return 'ignored'
  if (settings.paused) return 'paused'
  if (!reading.trusted) return 'not readable with certainty'
  if (assigning.occupied.has(key)) return 'busy with another prompt'
  if (desk.isTaken(session)) return 'in use by a person'
  if (pane.inMode) return 'in copy mode'
  if (pane.inputOff || pane.dead) return 'not taking input'
  if (reading.state === 'limited') return `limited until ${untilText(reading.limitedUntil)}`
  if (reading.draft) return 'holding a half-typed text'
  return reading.acceptsPrompt ? null : reading.state
}

function untilText(until: number | null): string {
  return until === null ? 'its limit ends' : new Date(until).toTimeString().slice(0, 5)
}

/** High-level and manager sessions take only what is meant for them; so does a session that somebody types in. */
function takesUntargeted(assigning: Assigning, session: LiveSession): boolean {
  const { typedAt } = session.pane
  if (typedAt !== null && assigning.tools.clock.now() - typedAt < keptByTypistMs) return false
  return (deskOf(assigning, session).settingsOf(session).tier ?? 'worker') === 'worker'
}

/** So many sessions are told about, one by one. */
const mostReasons = 3

function whyWaiting(
  assigning: Assigning,
  everybody: readonly { session: LiveSession; routes: ReadonlySet<string> }[],
  target: Target,
): string {
  const wanted = Object.entries(target).map(([field, value]) => `${field}:${value}`)
  const fitting = everybody.filter(({ routes }) => wanted.every((route) => routes.has(route)))
  if (everybody.length === 0) return 'no agent session is there'
  if (fitting.length === 0) return `no session fits (${describeTarget(target)})`
  const atOnce = atOnceOf(assigning)
  const working = workingOn(assigning)
  const now = assigning.tools.clock.now()
  const reasons = fitting.slice(0, mostReasons).map(({ session }) => {
    const node = nodeOf(session.key)
    const reason =
      unfit(assigning, session) ??
      assigning.records.whyNot(node, working.get(node) ?? 0, now) ??
      whyNotNow(atOnce, session)
    return `${session.pane.sessionName} is ${reason}`
  })
  const more = fitting.length - reasons.length
  return reasons.join('; ') + (more > 0 ? `; ${more} more` : '')
}

function whyNotNow(atOnce: AtOnce, session: LiveSession): string {
  return atOnce.isFull(session)
    ? 'held back: as many work as may at the same time (at_once)'
    : 'kept for prompts that name it'
}

function describeTarget(target: Target): string {
  const parts = Object.entries(target).map(([field, value]) => `${field} ${value}`)
  return parts.join(', ') || 'anyone'
}
