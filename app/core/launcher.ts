import type { AgentKind } from './session.ts'

/** What somebody wants to run in a new session of a node. */
export interface WantedProgram {
  /** The session's name. */
  name: string
  /** A kind of agent that this node knows; null: `command`, or the user's shell. */
  agent: AgentKind | null
  /** argv; null: as the agent is usually started, or the user's shell. */
  command: string[] | null
  /** Working folder; null: the user's home on that node. */
  dir: string | null
}

/** The same as it is started there. */
export interface PreparedProgram {
  command: string[]
  env: Record<string, string>
  dir: string
  /** What a person has to do before the agent has everything; null when it has, or needs nothing. */
  note: string | null
  /** Whether the secrets that it shall get wait for it; an agent of another version may not know how. */
  hasSecrets: boolean
}

/** Knows how programs are started on one node, with the hooks and tools that Architect gives an agent there. */
export interface Launcher {
  /**
   * `token`: the session's own, with which its agent speaks to the dashboard; it goes into the environment of
   * agents that can use it. `secrets`: values by the variables in which the program finds them; it is to be started
   * within a minute, and once. Throws `invalid` for an agent that the node does not know.
   */
  prepare(
    wanted: WantedProgram,
    token: string | null,
    secrets: Readonly<Record<string, string>>,
  ): Promise<PreparedProgram>
}
