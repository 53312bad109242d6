import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Decide } from '../broker/interactions/judge.ts'
import type { SettingsChanges } from '../db/session-settings.ts'
import { setSessionSettings } from '../db/session-settings.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import { openWorld, turnUntil } from './asking-world.ts'
import type { TestStore } from './databases.ts'

/**
 * What is asked before the words `rule` a person is meant to decide, by a rule; of everything else no rule says
 * anything, as in a session whose tier is granted nothing.
 */
const undecided: Decide = ({ input, kind }) => {
  const isRuled = kind !== 'permission' || input.command?.startsWith('rule') === true
  const by = isRuled
    ? ({ kind: 'pattern', id: 1, version: 1 } as const)
    : ({ kind: 'policy', tier: 'worker' } as const)
  return { effect: 'ask', by, also: [], reason: 'the rule of the test' }
}

/** `dev` of the node `fake` asks; `lead` leads it, `boss` leads `lead`. */
export async function openWishes(store: TestStore, rules: string | null = permissionsToo) {
  const { database, dataDir } = store
  const world = openWorld(store)
  if (rules !== null) writeFileSync(join(dataDir, 'hierarchy.yaml'), rules)
  const settle = (name: string, settings: SettingsChanges) =>
    database.write((db) => setSessionSettings(db, { node: 'fake', name }, settings, Date.now()))
  await settle('boss', { tier: 'high_level' })
  await settle('lead', { tier: 'manager', manager: 'boss' })
  await settle('dev', { tier: 'worker', manager: 'lead' })
  const pane = world.host.addPane('dev')
  return {
    ...world,
    pane,
    settle,
    openDesk: (own: Parameters<typeof world.openDesk>[0] = {}) =>
      world.openDesk({ decide: undecided, ...own }),
    /** What `dev` asks, as soon as it has been looked at. */
    async asked(turn: () => Promise<void>, dialog: string, command = 'make it'): Promise<StoredInteraction> {
      world.ask(pane, command)
      pane.dialog = dialog
      await turnUntil(turn, async () => (await world.all())[0]?.decision != null, 'what is asked')
      return (await world.all())[0]!
    },
  }
}

const permissionsToo = 'answer: {high_level: [question], manager: [question, plan, permission]}'

export const lead = { node: 'fake', name: 'lead' }
export const question = 'Which colour?'
export const permission = 'Allow this command?'
