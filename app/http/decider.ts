import type { DecidedBy } from '../core/interaction.ts'

/** Who decided, for people. */
export function nameOfDecider(by: DecidedBy | null): string | null {
  if (by === null) return null
  if (by.kind === 'pattern') return `rule ${by.id}, version ${by.version}`
  if (by.kind === 'policy') return `the policy for ${by.tier.replace('_', '-')} sessions`
  if (by.kind === 'session') return `the session ${by.name}`
  return by.kind === 'shipped' ? `the shipped rule "${by.name}"` : by.name
}
