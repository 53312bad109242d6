import type { Ask, DecidedByRule } from '../core/interaction.ts'
import type { Decision, Pattern, Policy } from '../core/pattern.ts'
import { type Act, type Acts, actsOf, shownAct } from './acts.ts'
import type { DecisionContext } from './context.ts'
import { isGranted } from './granted/grant.ts'
import { routineGrants } from './granted/routine.ts'
import { workGrants } from './granted/work.ts'
import { appliesHere, grantsAct, meansAct } from './match.ts'
import { isInside } from './paths.ts'
import { isOwnData } from './own-data.ts'
import { findProtected, guardedPaths, secretPaths } from './protected-paths.ts'
import { ownDataReason } from './shipped/files.ts'
import { withEffect } from './shipped/index.ts'

type Verdict = Omit<Decision, 'also'>

/**
 * What rules and policies say to an interaction. Denials win, then questions, then grants; what nobody grants, and
 * what isn't certain, a person decides. Only live patterns count. Never throws: a fault inside is a question, too.
 */
export function decide(ask: Ask, context: DecisionContext, patterns: Pattern[], policy: Policy): Decision {
  try {
    return decideWith(ask, context, patterns, policy)
  } catch (fault) {
    const what = fault instanceof Error ? fault.message : String(fault)
    return {
      ...question('not-certain', `A person decides, because reading the request failed: ${what}.`),
      also: [],
    }
  }
}

function decideWith(ask: Ask, context: DecisionContext, patterns: Pattern[], policy: Policy): Decision {
  const unfit = unfitForRules(ask, context)
  if (unfit !== null) return { ...question('not-certain', `A person decides, because ${unfit}.`), also: [] }
  const acts = actsOf(ask, context)
  const here = patterns.filter((pattern) => pattern.state === 'live' && appliesHere(pattern, ask, context))
  const ruled = denied(acts, here, context, policy) ?? doubted(acts) ?? asked(acts, here, context)
  return ruled === null ? grantAll(acts.acts, here, context, policy) : { ...ruled, also: [] }
}

/** Why no rule may answer this at all. */
function unfitForRules(ask: Ask, { trusted, cwd }: DecisionContext): string | null {
  if (!trusted) return 'the screens of this agent are not understood at present'
  if (ask.kind !== 'permission') return 'it is a question, not a permission'
  if (!ask.inputWhole) return 'not all of the request could be read'
  return cwd.startsWith('/') ? null : "the session's folder is not known"
}

function denied(
  { acts, inferred }: Acts,
  patterns: Pattern[],
  context: DecisionContext,
  policy: Policy,
): Verdict | null {
  const all: Act[] = [...acts, ...inferred.map((command): Act => ({ kind: 'command', command }))]
  for (const act of all) {
    const shipped = shippedDenial(act, context, policy)
    if (shipped !== null) return shipped
    const pattern = patterns.find((each) => each.effect === 'deny' && meansAct(each, act, context))
    if (pattern)
      return { effect: 'deny', by: byPattern(pattern), reason: `"${pattern.name}" denies ${shownAct(act)}.` }
  }
  return null
}

function shippedDenial(act: Act, context: DecisionContext, { withoutShipped }: Policy): Verdict | null {
  const denial = (name: string, reason: string): Verdict => ({
    effect: 'deny',
    by: { kind: 'shipped', name },
    reason: `${shownAct(act)} is denied, because it ${reason}.`,
  })
  if (act.kind === 'command') {
    const rule = withEffect('deny', withoutShipped).find((each) => each.matches(act.command, context))
    return rule ? denial(rule.name, rule.reason) : null
  }
  if (act.kind !== 'read' && act.kind !== 'edit' && act.kind !== 'write') return null
  const secret = withoutShipped.includes('secrets') ? null : findProtected(act.paths, secretPaths)
  if (secret !== null) return denial('secrets', `touches ${secret.what}`)
  if (!withoutShipped.includes('architect-data') && act.paths.some((path) => isOwnData(path, context)))
    return denial('architect-data', ownDataReason)
  const guarded =
    act.kind === 'read' || withoutShipped.includes('settings-and-hooks')
      ? null
      : findGuarded(act.paths, context)
  return guarded === null ? null : denial('settings-and-hooks', `changes ${guarded.what}`)
}

/** Files of the system are the project's own, when it lies among them. */
function findGuarded(paths: string[], context: DecisionContext) {
  const outside = paths.filter((path) => !isInside(path, context))
  const [system, rest] = [guardedPaths.filter(isSystem), guardedPaths.filter((kind) => !isSystem(kind))]
  return findProtected(paths, rest) ?? findProtected(outside, system)
}

const isSystem = ({ name }: { name: string }) => name === 'system-files'

function doubted({ doubts }: Acts): Verdict | null {
  const [doubt] = doubts
  return doubt === undefined
    ? null
    : question('not-certain', `A person decides, because it is not certain what this does: ${doubt}.`)
}

function asked({ acts }: Acts, patterns: Pattern[], context: DecisionContext): Verdict | null {
  for (const act of acts) {
    const pattern = patterns.find((each) => each.effect === 'ask' && meansAct(each, act, context))
    if (pattern)
      return {
        effect: 'ask',
        by: byPattern(pattern),
        reason: `"${pattern.name}" wants a person to decide about ${shownAct(act)}.`,
      }
  }
  return null
}

/** Every single act needs somebody who grants it. */
function grantAll(acts: Act[], patterns: Pattern[], context: DecisionContext, policy: Policy): Decision {
  const granted: Verdict[] = []
  for (const act of acts) {
    if (isNothing(act)) continue
    const verdict = grantOne(act, patterns, context, policy)
    if (verdict.effect !== 'allow') return { ...verdict, also: [] }
    granted.push(verdict)
  }
  const [first, ...others] = granted
  if (first === undefined)
    return { ...question('not-certain', 'A person decides, because nothing of it is known.'), also: [] }
  const also = new Map(others.map(({ by }) => [JSON.stringify(by), by]))
  also.delete(JSON.stringify(first.by))
  return { ...first, also: [...also.values()] }
}

/** What remains of `bash -c '…'` when its text stands beside it, or a bare redirection. */
const isNothing = (act: Act) =>
  act.kind === 'command' && act.command.words.length === 0 && act.command.assignments.length === 0

function grantOne(act: Act, patterns: Pattern[], context: DecisionContext, policy: Policy): Verdict {
  const grants = patterns
    .filter(({ effect }) => effect === 'allow')
    .map((pattern) => ({ pattern, match: grantsAct(pattern, act, context) }))
    .filter(({ match }) => match !== null)
  const doubt = act.kind === 'command' ? doubtOf(act.command, context, policy) : null
  const grant = grants.find(({ match }) => match === 'exactly' || doubt === null)
  if (grant)
    return {
      effect: 'allow',
      by: byPattern(grant.pattern),
      reason: `"${grant.pattern.name}" allows ${shownAct(act)}.`,
    }
  if (doubt !== null)
    return question(doubt.name, `A person decides about ${shownAct(act)}, because it ${doubt.reason}.`)
  return byPolicy(act, context, policy)
}

function doubtOf(
  command: Extract<Act, { kind: 'command' }>['command'],
  context: DecisionContext,
  policy: Policy,
) {
  const leaves = command.folders.length > 1 && !command.folders.every((folder) => isInside(folder, context))
  if (leaves) return { name: 'leaves-project', reason: 'runs in a folder outside of the project' }
  return withEffect('ask', policy.withoutShipped).find((rule) => rule.matches(command, context)) ?? null
}

function byPolicy(act: Act, context: DecisionContext, { tiers }: Policy): Verdict {
  const by: DecidedByRule = { kind: 'policy', tier: context.tier }
  const level = tiers[context.tier]
  const tier = context.tier.replace('_', '-')
  if (level !== 'manual' && isRoutine(act, context))
    return { effect: 'allow', by, reason: `${shownAct(act)} is routine, which ${tier} sessions are granted.` }
  if (level === 'full' && isWork(act, context))
    return {
      effect: 'allow',
      by,
      reason: `${shownAct(act)} is work inside the project, which ${tier} sessions are granted.`,
    }
  return {
    effect: 'ask',
    by,
    reason: `A person decides about ${shownAct(act)}: no pattern is about it, and ${tier} sessions are granted ${grantedWords[level]}.`,
  }
}

const grantedWords = {
  full: 'only work inside the project',
  routine: 'only what is routine',
  manual: 'nothing by themselves',
}

function isRoutine(act: Act, context: DecisionContext): boolean {
  if (act.kind === 'command') return isGranted(act.command, routineGrants, context)
  return act.kind === 'read' && act.paths.every((path) => isInside(path, context))
}

function isWork(act: Act, context: DecisionContext): boolean {
  if (act.kind === 'command') return isGranted(act.command, workGrants, context)
  return (act.kind === 'edit' || act.kind === 'write') && act.paths.every((path) => isInside(path, context))
}

function byPattern({ id, version }: Pattern): DecidedByRule {
  return { kind: 'pattern', id, version }
}

function question(name: string, reason: string): Verdict {
  return { effect: 'ask', by: { kind: 'shipped', name }, reason }
}
