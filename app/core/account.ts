/** What a person may do: look, steer prompts and sessions, or settle everything. Each includes the one before. */
export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** What a token may be used for; its owner's role is the upper bound. */
export const scopes = ['read', 'prompts', 'sessions', 'admin'] as const
export type Scope = (typeof scopes)[number]

export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}

/** Who did something, as the activity log names them. */
export interface Actor {
  kind: 'user' | 'token' | 'worker' | 'rule'
  name: string
  /** Where it came from over the network; null on this machine. */
  address: string | null
}
