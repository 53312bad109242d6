import { AppError } from '../../core/errors.ts'
import { confine, maySend, requireMaySend, type HierarchyRules, type Member } from '../../core/hierarchy.ts'
import { nearest } from '../../core/nearest.ts'
import type { NewPrompt, SessionName, Target } from '../../core/prompt.ts'
import { isSameSession, sessionNameText } from '../../core/session-name.ts'
import type { Db } from '../../db/schema.ts'
import { findSessions } from '../../db/sessions.ts'
import { listMembers, memberNamed } from './members.ts'

/**
 * Whom a prompt goes to, as the hierarchy has it: work of a kind that names nobody is routed, what a session
 * sends stays with those that it may send to. Throws `forbidden` with the reason and who would be allowed.
 */
export async function addressPrompt(db: Db, rules: HierarchyRules, input: NewPrompt): Promise<NewPrompt> {
  const { from = null, kind = null, target = {} } = input
  if (input.force && from) throw noForce(from)
  if (input.force || (!from && target.session === undefined && kind === null)) return input
  if (target.session !== undefined) {
    await requireMaySendTo(db, rules, from, target.session, kind)
    return input
  }
  const members = await listMembers(db)
  const sender = from && memberNamed(members, from)
  const routed = Object.keys(target).length === 0 ? routeOf(rules, kind, members, sender) : target
  return { ...input, target: sender ? confine(rules, sender, routed, kind) : routed }
}

/** Checks that a person may give work to this session, as `addressPrompt` does. */
export async function requireMayGive(
  db: Db,
  rules: HierarchyRules,
  session: string,
  kind: string | null,
): Promise<void> {
  await addressPrompt(db, rules, { content: '', target: { session }, ...(kind !== null && { kind }) })
}

/** Asks about nobody but those that are meant: there may be thousands. */
async function requireMaySendTo(
  db: Db,
  rules: HierarchyRules,
  from: SessionName | null,
  wanted: string,
  kind: string | null,
) {
  const named = await sessionsNamed(db, wanted)
  if (from && named.length === 0) throw noSession(wanted, await listMembers(db))
  const members = await listMembers(db, [...named, ...(from ? [from] : [])].map(sessionNameText))
  const sender = from && memberNamed(members, from)
  for (const name of named) {
    const to = memberNamed(members, name)
    // Who would be allowed instead may be anybody.
    if (!maySend(rules, sender, to, kind)) requireMaySend(rules, sender, to, kind, await listMembers(db))
  }
}

/** The first target for this kind of work that a session fits which is there and may be sent to. */
function routeOf(
  rules: HierarchyRules,
  kind: string | null,
  members: readonly Member[],
  sender: Member | null,
): Target {
  const targets = kind === null ? [] : (rules.route[kind] ?? [])
  const there = members.filter(
    (member) => member.isThere && (sender === null || maySend(rules, sender, member, kind)),
  )
  return targets.find((target) => there.some((member) => fits(member, target))) ?? {}
}

/** As far as it is known here: the folder is looked at when a session asks for work. */
function fits({ node, name, tier, tags, agent }: Member, target: Target): boolean {
  if (target.session !== undefined && ![name, `${node}/${name}`].includes(target.session)) return false
  if (target.tier !== undefined && target.tier !== tier) return false
  if (target.tag !== undefined && !tags.includes(target.tag)) return false
  if (target.agent !== undefined && target.agent !== agent) return false
  return target.node === undefined || target.node === node
}

/** Every session that a person may mean by this: its name, an address or a pane, with or without its node. */
async function sessionsNamed(db: Db, wanted: string): Promise<SessionName[]> {
  // No prompt is given out by the key of a session.
  const panes = (await findSessions(db, wanted)).filter(({ key }) => key !== wanted)
  const settled = await listMembers(db, [wanted])
  const all = [...panes, ...settled].map(({ node, name }) => ({ node, name }))
  return all.filter((one, index) => all.findIndex((other) => isSameSession(one, other)) === index)
}

/** A name that nobody has yet may belong to anybody later, whom the sender may not send to. */
function noSession(wanted: string, members: readonly Member[]): AppError {
  const names = [...new Set(members.map(({ name }) => name))]
  return new AppError('not_found', `There is no session "${wanted}". ${nearest(wanted, names)}`)
}

function noForce(from: SessionName): AppError {
  return new AppError(
    'forbidden',
    `${sessionNameText(from)} is a session: only a person may send past the rules of the hierarchy.`,
  )
}
