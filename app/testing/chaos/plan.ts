import type { HostStep } from '../stepped-host.ts'

/** `before`: nothing was sent yet; `during`: it is sent, its answer is on the way; `after`: the answer is here. */
export const moments = ['before', 'during', 'after'] as const
export type Moment = (typeof moments)[number]

/** A step into a pane, or a transaction. */
export type ChaosStep = HostStep | 'write'

/** `during paste`. */
export type Place = `${Moment} ${ChaosStep}`

export type Victim = 'assigner' | 'client' | 'server'

/** What happens to an assigner under test, sent to it when it shall begin. */
export interface Plan {
  victim: Victim
  /** Where the victim is killed: at the `nth` time, from 1, that the assigner comes there. null: nowhere. */
  at: { place: Place; nth: number } | null
  /** The tmux server's process, for plans that end it. */
  serverPid: number
}

/** What it says back just before it kills. */
export interface Struck {
  where: Place
}
