import { z } from 'zod'
import { AppError } from './errors.ts'
import type { InteractionKind } from './interaction.ts'
import { kindPattern, talkKinds, targetSchema, type SessionName, type Target } from './prompt.ts'
import { isSameSession } from './session-name.ts'

/** From the one who leads to the ones who do. */
export const tiers = ['high_level', 'manager', 'worker'] as const
export type Tier = (typeof tiers)[number]

/** A session as far as its place goes. */
export interface Member extends SessionName {
  tier: Tier
  /** Who leads it. */
  manager: SessionName | null
  tags: readonly string[]
  agent: string | null
  /** An agent is there now, and it is neither ignored nor paused. */
  isThere: boolean
}

/**
 * Whom a rule lets somebody send to: a tier, the sessions that one leads, the one that leads oneself, those of
 * the same manager, workers without a manager, or everybody.
 */
export const recipients = [
  ...tiers,
  'own_workers',
  'own_manager',
  'same_manager',
  'free_workers',
  'everybody',
] as const
export type Recipient = (typeof recipients)[number]

const kind = z.string().regex(kindPattern, { error: 'must be a word of small letters, digits, _ and -' })
const count = z.number().int().min(1).max(100_000)
const oneOrMore = <T extends z.ZodType>(schema: T) =>
  z.union([schema.transform((one) => [one]), z.array(schema).min(1)])

export const sendRuleSchema = z.strictObject({
  from: oneOrMore(z.enum(['person', ...tiers])),
  to: oneOrMore(z.enum(recipients)),
  /** Nothing: any kind. */
  kinds: z.array(kind).min(1).optional(),
})

/** What may be left to a session that leads the one that asks; who may start an agent, and where, never is. */
const answerableKinds = ['question', 'plan', 'permission'] as const satisfies readonly InteractionKind[]
const answered = z.array(z.enum(answerableKinds)).default([])

export const hierarchySchema = z.strictObject({
  /** Who may send what to whom; what no rule allows is refused. */
  send: z.array(sendRuleSchema),
  /** Where work of a kind goes that names nobody: the first target that fits a session that is there. */
  route: z.record(kind, oneOrMore(targetSchema.omit({ manager: true }).strict())),
  /** What sessions of a tier may answer of that which those ask that they lead. */
  answer: z.strictObject({ high_level: answered, manager: answered }),
  at_once: z.strictObject({
    /** Sessions of a tier that work at the same time. */
    high_level: count,
    manager: count,
    worker: count,
    /** Sessions of one manager that work at the same time. */
    per_manager: count,
  }),
  delegation: z.strictObject({
    depth: z.number().int().min(1).max(50),
    open_children: count,
    children: count,
  }),
})
export type HierarchyRules = z.output<typeof hierarchySchema>

/** Who sends: a session, or null for a person or a program. */
export type Sender = Member | null

/** Whether a rule allows it; `kind` is null for work that says nothing about itself. */
export function maySend(rules: HierarchyRules, from: Sender, to: Member, kind: string | null): boolean {
  return rulesFor(rules, from, kind).some((rule) => rule.to.some((recipient) => isMeant(recipient, from, to)))
}

/** Throws `forbidden` with the reason and who would be allowed. */
export function requireMaySend(
  rules: HierarchyRules,
  from: Sender,
  to: Member,
  kind: string | null,
  members: readonly Member[],
): void {
  if (maySend(rules, from, to, kind)) return
  throw new AppError('forbidden', `${whyNot(from, to, kind)} ${whatInstead(rules, from, to, kind, members)}`)
}

/**
 * What a session's prompt without a session is confined to: those that it may send to. Throws `forbidden` when
 * there is nobody.
 */
export function confine(rules: HierarchyRules, from: Member, target: Target, kind: string | null): Target {
  const may = new Set(rulesFor(rules, from, kind).flatMap((rule) => rule.to))
  if (may.has('everybody')) return target
  if (may.has('own_workers')) return { ...target, manager: `${from.node}/${from.name}` }
  const tier = tiers.find((candidate) => may.has(candidate))
  if (tier) {
    if (target.tier !== undefined && !may.has(target.tier)) throw noTier(from, target.tier)
    return { tier, ...target }
  }
  if (may.has('own_manager') && from.manager) return { session: `${from.manager.node}/${from.manager.name}` }
  throw new AppError(
    'forbidden',
    `${from.name} is a ${from.tier} and may not give ${kind ?? 'this'} to anyone (send, in hierarchy.yaml). ` +
      `Send a report or a question instead: --kind ${talkKinds[1]}.`,
  )
}

function noTier(from: Member, tier: Tier): AppError {
  return new AppError('forbidden', `${from.name} is a ${from.tier} and may not send to the tier ${tier}.`)
}

function rulesFor({ send }: HierarchyRules, from: Sender, kind: string | null) {
  const own = from?.tier ?? 'person'
  return send.filter(
    (rule) => rule.from.includes(own) && (!rule.kinds || (kind !== null && rule.kinds.includes(kind))),
  )
}

function isMeant(recipient: Recipient, from: Sender, to: Member): boolean {
  if (recipient === 'everybody') return true
  if (recipient === 'free_workers') return to.tier === 'worker' && to.manager === null
  if (recipient === 'own_workers')
    return from !== null && to.manager !== null && isSameSession(to.manager, from)
  if (recipient === 'own_manager') return from?.manager != null && isSameSession(from.manager, to)
  if (recipient === 'same_manager') {
    return from?.manager != null && to.manager !== null && isSameSession(from.manager, to.manager)
  }
  return to.tier === recipient
}

function whyNot(from: Sender, to: Member, kind: string | null): string {
  const who =
    from === null ? '' : `${from.name} is a ${from.tier} and may not send ${kind ?? 'work'} to ${to.name}: `
  if (to.manager) return `${who}${to.name} belongs to manager ${to.manager.name};`
  return `${who}${to.name} is a ${to.tier} without a manager;`
}

function whatInstead(
  rules: HierarchyRules,
  from: Sender,
  to: Member,
  kind: string | null,
  members: readonly Member[],
): string {
  const manager = to.manager && members.find((member) => isSameSession(member, to.manager!))
  if (manager && maySend(rules, from, manager, kind)) {
    return `send it to ${manager.name}${from === null ? ', or use --force' : ''}.`
  }
  if (from === null) return 'use --force.'
  const allowed = members.filter(
    (member) => !isSameSession(member, from) && maySend(rules, from, member, kind),
  )
  if (allowed.length > 0) return `it may send that to ${namesOf(allowed)}.`
  const talk = from.manager && kind === null ? ` A report or a question may go to ${from.manager.name}.` : ''
  return `there is nobody that it may send that to.${talk}`
}

const mostNames = 5

function namesOf(members: readonly Member[]): string {
  const names = members.slice(0, mostNames).map(({ name }) => name)
  return members.length > mostNames ? `${names.join(', ')}, …` : names.join(', ')
}
