import { giveSessionToken } from '../accounts/session-token.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/open.ts'
import { dashboardHere } from './dashboard.ts'
import { equipAgent, takesEquipment, type AgentSession, type WantedAgent } from './equip.ts'

interface Surroundings {
  config: Config
  clock: Clock
  database: Database
}

/**
 * What the program of a session is started with when Architect starts it on this machine: its name, its token
 * while a dashboard runs here, and whatever else its agent can be given (`equip.ts`).
 */
export async function agentSession(surroundings: Surroundings, wanted: WantedAgent): Promise<AgentSession> {
  const { config, clock, database } = surroundings
  if (!takesEquipment(wanted.agent)) return equipAgent(config, null, wanted, null)
  const url = await dashboardHere(database.kysely, clock.now())
  if (url === null) return equipAgent(config, 'program', wanted, null)
  const token = await giveSessionToken(database, { node: config.node, name: wanted.name }, clock.now())
  return equipAgent(config, { url }, wanted, token)
}
