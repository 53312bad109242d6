import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRules, type AgentRules } from '../../app/agents/library.ts'
import { packageRoot } from '../../app/core/paths.ts'
import { simulatedAgent } from '../../app/core/simulated.ts'
import type { Rules } from '../remote/remote-reader.ts'

/** How simulated agents are read; no part of the library, so that nobody finds or starts one on a real machine. */
export function simulatedRules(): AgentRules {
  const file = join(packageRoot, 'distributed/simulator/simulated.yaml')
  rules ??= parseRules(readFileSync(file, 'utf8'), file)
  return rules
}

let rules: AgentRules | null = null

/** These rules, and those of simulated agents, which only other nodes can have. */
export function withSimulated(known: Rules): Rules {
  return {
    profileOf: (kind) => (kind === simulatedAgent ? simulatedRules().delivery : known.profileOf(kind)),
    dialogKeysOf: (kind) =>
      kind === simulatedAgent ? (simulatedRules().answers?.keys ?? null) : known.dialogKeysOf(kind),
  }
}
