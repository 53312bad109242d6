import type { Ask } from '../../core/interaction.ts'
import { actsOf } from '../acts.ts'
import type { DecisionContext } from '../context.ts'
import { fileRules } from './files.ts'
import { gitElsewhere, gitRules } from './git.ts'
import { launcherRules } from './launchers.ts'
import { networkRules } from './network.ts'
import type { ShippedRule } from './rule.ts'
import { systemRules } from './system.ts'

/** Every rule over shell commands that comes with Architect (`views/docs/permissions.md` lists them). */
export const shippedRules: ShippedRule[] = [
  ...gitRules,
  gitElsewhere,
  ...fileRules,
  ...networkRules,
  ...systemRules,
  ...launcherRules,
]

/** Names by which a person switches them off. */
export const shippedRuleNames: string[] = [...new Set(shippedRules.map(({ name }) => name))]

/** The first denial, else the first doubt, among the rules that a person has not switched off. */
export function withEffect(effect: 'deny' | 'ask', without: string[]): ShippedRule[] {
  return shippedRules.filter((rule) => rule.effect === effect && !without.includes(rule.name))
}

/** What any shipped rule, also one that is switched off, says about an interaction; null when none does. */
export function findConcern(ask: Ask, context: DecisionContext): string | null {
  const commands = actsOf(ask, context).acts.flatMap((act) => (act.kind === 'command' ? [act.command] : []))
  const rule = shippedRules.find((each) => commands.some((command) => each.matches(command, context)))
  return rule?.reason ?? null
}
