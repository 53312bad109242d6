import type { Actor } from '../../core/account.ts'
import type { Decision } from '../../core/pattern.ts'

/** How the activity log names the rule that decided. */
export function ruleActor({ by }: Decision): Actor {
  const name =
    by.kind === 'pattern'
      ? `pattern ${by.id} (version ${by.version})`
      : by.kind === 'policy'
        ? `policy for ${by.tier}`
        : `shipped rule ${by.name}`
  return { kind: 'rule', name, address: null }
}
