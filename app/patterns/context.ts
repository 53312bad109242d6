import type { PolicyTier } from '../core/pattern.ts'

/** Where an interaction was asked: what patterns may compare besides the question itself. */
export interface DecisionContext {
  /** The agent's working folder, absolute. */
  cwd: string
  /** The project's root; null when the session works in none, and then nothing counts as inside. */
  projectRoot: string | null
  tier: PolicyTier
  /** The session's name. */
  session: string
  /** `false` after drift: everything is asked. */
  trusted: boolean
  /** Architect's own data folder, absolute. Without it nothing is known to be there. */
  dataDir?: string
  /** Follows symbolic links as far as the path exists. Without it links are not seen. */
  realPath?: (path: string) => string
}
