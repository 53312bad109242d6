import type { HierarchyRules, Member } from '../../core/hierarchy.ts'
import type { Interaction } from '../../core/interaction.ts'
import type { SessionName } from '../../core/prompt.ts'
import { isSameSession } from '../../core/session-name.ts'
import { memberNamed } from './members.ts'

/** Every session that this one leads, by itself or through those that it leads. */
export function ledBy(leader: SessionName, members: readonly Member[]): Member[] {
  return members.filter((member) => leads(leader, member, members))
}

/**
 * Why a session may not answer what another one asks, in a sentence that says what to do; null: it may. Who leads
 * stands higher, so nobody leads itself; a circle that two settings made at once would end the search all the same.
 */
export function whyMayNotAnswer(
  rules: HierarchyRules,
  members: readonly Member[],
  by: SessionName,
  { id, node, sessionName, kind }: Pick<Interaction, 'id' | 'node' | 'sessionName' | 'kind'>,
): string | null {
  const asker = { node, name: sessionName }
  if (isSameSession(by, asker)) {
    return `Interaction ${id} is your own: who leads you may answer it, or a person. Use ask_human.`
  }
  if (!leads(by, memberNamed(members, asker), members)) {
    return `You do not lead ${sessionName}, so what it asks is not yours to answer. Who leads it may, or a person.`
  }
  const { tier } = memberNamed(members, by)
  const may: readonly string[] = tier === 'worker' ? [] : rules.answer[tier]
  if (may.includes(kind)) return null
  const what = may.length === 0 ? 'nothing that is asked' : `${may.join(' and ')} only`
  return (
    `Interaction ${id} is a ${kind}, and a ${tier.replace('_', '-')} session may answer ${what} (answer, in hierarchy.yaml). ` +
    'A person answers it; use ask_human where they have to know something.'
  )
}

function leads(leader: SessionName, { manager }: Member, members: readonly Member[]): boolean {
  const passed: SessionName[] = []
  for (let above = manager; above !== null; above = memberNamed(members, above).manager) {
    const next = above
    if (isSameSession(next, leader)) return true
    if (passed.some((one) => isSameSession(one, next))) return false
    passed.push(next)
  }
  return false
}
