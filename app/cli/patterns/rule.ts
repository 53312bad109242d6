import { conditionsSchema, newPatternSchema, type Conditions, type NewPattern } from '../../core/pattern.ts'
import { namePattern } from '../../patterns/pattern-from.ts'
import { UsageError } from '../failure.ts'
import type { RuleOptions } from './options.ts'

/** What can be dropped. */
export const conditionNames = conditionsSchema.keyof().options

/** The words of the command line that say when a rule holds. Unknown: what was not given. */
export function conditionsOf(options: RuleOptions, folder: (given: string) => string): Conditions {
  const given: Conditions = {
    tools: options.tool,
    commands: options.command,
    paths: options.path,
    inside: options.inside,
    hosts: options.host,
    sessions: options.session,
    tiers: options.tier,
    projects: options.project?.map(folder),
    agents: options.agent,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** A new rule. Throws `UsageError` where it would mean nothing. */
export function ruleOf(options: RuleOptions, conditions: Conditions): NewPattern {
  const { name, effect = 'allow', note } = options
  return checked({
    name: name ?? nameFor(conditions),
    effect,
    conditions,
    ...(note !== undefined && { note }),
  })
}

/** A rule in other words: what is given replaces what was there, and what is dropped no longer counts. */
export function changedRule(before: NewPattern, options: RuleOptions, given: Conditions): NewPattern {
  const dropped = new Set<string>(options.drop)
  const kept = Object.entries(before.conditions).filter(([condition]) => !dropped.has(condition))
  const conditions: Conditions = { ...Object.fromEntries(kept), ...given }
  // A name that was only made of the conditions changes with them.
  const wasMade = before.name === nameFor(before.conditions)
  const note = options.note ?? before.note
  return checked({
    name: options.name ?? (wasMade ? nameFor(conditions) : before.name),
    effect: options.effect ?? before.effect,
    conditions,
    ...(note !== undefined && { note }),
  })
}

const longestName = 200

function nameFor(conditions: Conditions): string {
  return namePattern(conditions).slice(0, longestName)
}

function checked(rule: NewPattern): NewPattern {
  const read = newPatternSchema.safeParse(rule)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = String(issue?.path[1] ?? issue?.path[0] ?? '')
  if (where === 'conditions') {
    throw new UsageError('Say what the rule is about: --command, --tool or --host. See --help.')
  }
  throw new UsageError(`A rule cannot be made of that: ${where}: ${issue?.message}.`)
}
