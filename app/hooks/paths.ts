import { join } from 'node:path'

/**
 * Everything of the hooks lies in one folder that only its owner may open (0700): no other user can leave a
 * message there or answer a request.
 */
export interface HookPaths {
  folder: string
  /** The program that agents run: a copy, so that an agent outlives an update of ours. */
  program: string
  /** Messages, one file each. */
  incoming: string
  /** Answers to permission requests, by the message's name. */
  decisions: string
  /** Messages that were not understood, with the reason. */
  unread: string
  /** What is known of each agent process, for everyone who reads sessions. */
  records: string
  /** Settings for sessions that Architect starts, with our hooks and nothing else. */
  sessionSettings: string
  /** Pid and start time of the assigner that reads here. */
  assigner: string
  /** There while no more messages are taken. */
  full: string
  /** One byte for each message that was dropped. */
  dropped: string
}

export function hookPaths(dataDir: string): HookPaths {
  const folder = join(dataDir, 'hooks')
  const at = (name: string) => join(folder, name)
  return {
    folder,
    program: at('hook.sh'),
    incoming: at('incoming'),
    decisions: at('decisions'),
    unread: at('unread'),
    records: at('records'),
    sessionSettings: at('claude-settings.json'),
    assigner: at('assigner'),
    full: at('full'),
    dropped: at('dropped'),
  }
}
