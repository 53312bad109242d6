import { AppError } from '../../core/errors.ts'
import { confine, maySend, requireMaySend, type HierarchyRules, type Member } from '../../core/hierarchy.ts'
import { nearest } from '../../core/nearest.ts'
import type { NewPrompt, SessionName, Target } from '../../core/prompt.ts'
import { isSameSession, sessionNameText } from '../../core/session-name.ts'
import type { Db } from '../../db/schema.ts'
import { listSessions } from '../../db/sessions.ts'
import { listMembers, memberNamed } from './members.ts'

/**
 * Whom a prompt goes to, as the hierarchy has it: work of a kind that names nobody is routed, what a session
 * sends stays with those that it may send to. Throws `forbidden` with the reason and who would be allowed.
 */
export async function addressPrompt(db: Db, rules: HierarchyRules, input: NewPrompt): Promise<NewPrompt> {
  const { from = null, kind = null, target = {} } = input
  if (input.force && from) throw noForce(from)
  if (input.force || (!from && target.session === undefined && kind === null)) return input
  const members = await listMembers(db)
  const sender = from && memberNamed(members, from)
  if (target.session !== undefined) {
    const named = await sessionsNamed(db, members, target.session)
    if (sender && named.length === 0) throw noSession(target.session, members)
    for (const name of named) {
      requireMaySend(rules, sender, memberNamed(members, name), kind, members)
    }
    return input
  }
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
async function sessionsNamed(db: Db, members: readonly Member[], wanted: string): Promise<SessionName[]> {
  const panes = (await listSessions(db)).filter(({ node, name, address, paneId }) =>
    [name, address, paneId].some((known) => known === wanted || `${node}/${known}` === wanted),
  )
  const settled = members.filter(({ node, name }) => name === wanted || `${node}/${name}` === wanted)
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
