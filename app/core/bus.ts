export type Topic = 'prompts' | 'sessions' | 'controls'

/**
 * Wakes other processes. A notification is a hint and may be lost or doubled: whoever waits looks into the
 * database, and looks again after a slow poll.
 */
export interface Bus extends AsyncDisposable {
  notify(topic: Topic): Promise<void>
  /** Calls `listener` soon after somebody, this process included, notified; returns the way to stop. */
  subscribe(listener: () => void): () => void
}
