/** One event of a lifecycle: allowed from these states, leading to that one. */
export interface Transition<State extends string> {
  from: readonly State[]
  to: State
}
