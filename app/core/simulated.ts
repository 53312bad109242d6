import type { AgentKind } from './session.ts'

/** The kind of the agents on simulated nodes; they take only what is meant for them. */
export const simulatedAgent: AgentKind = 'simulated'

/** By which simulated nodes are told from machines that are there. */
export const simulatedTag = 'simulated'
