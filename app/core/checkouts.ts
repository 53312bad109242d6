import type { GitChanges, GitState } from './attempt.ts'

/** The git checkouts of one node. */
export interface Checkouts {
  /** HEAD and status of the checkout that `dir` is in; null when it is in none, or git can't tell in time. */
  stateOf(dir: string): Promise<GitState | null>
  /**
   * What happened between two states: commits reachable now and not before, files of those commits and files
   * whose status changed, lines added and removed since `before.head` in commits and work tree.
   */
  changesOf(dir: string, before: GitState, after: GitState): Promise<GitChanges>
}
