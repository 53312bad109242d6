import type { Ask } from '../core/interaction.ts'
import type { Conditions, Pattern } from '../core/pattern.ts'
import type { DecisionContext } from './context.ts'

/** A worker in /home/me/shop. */
export function context(changes: Partial<DecisionContext> = {}): DecisionContext {
  return {
    cwd: '/home/me/shop',
    projectRoot: '/home/me/shop',
    tier: 'worker',
    session: 'dev_w1',
    trusted: true,
    ...changes,
  }
}

export function shellAsk(command: string, changes: Partial<Ask> = {}): Ask {
  return {
    agent: 'claude',
    kind: 'permission',
    tool: 'shell',
    toolName: 'Bash',
    input: { command },
    inputFrom: 'hook',
    inputWhole: true,
    ...changes,
  }
}

/** A live pattern that allows. */
export function pattern(conditions: Conditions, changes: Partial<Pattern> = {}): Pattern {
  return {
    id: 1,
    version: 1,
    name: 'Test pattern',
    state: 'live',
    effect: 'allow',
    conditions,
    note: '',
    madeFrom: null,
    createdBy: 'test',
    createdAt: 0,
    updatedAt: 0,
    ...changes,
  }
}
