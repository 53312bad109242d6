import type { StoredSession } from '../db/sessions.ts'

/** An idle agent as it was seen last. */
export function storedSession(changes: Partial<StoredSession> & { name: string }): StoredSession {
  return {
    key: `test/default/%${changes.name.length}`,
    node: 'test',
    server: 'default',
    paneId: `%${changes.name.length}`,
    address: `${changes.name}:0.0`,
    agent: 'claude',
    version: '2.1.0',
    generation: 'one',
    state: 'idle',
    since: 1,
    acceptsPrompt: true,
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '/tmp',
    title: '',
    rule: 'test',
    typedAt: null,
    promptId: null,
    seenAt: 1,
    ...changes,
  }
}
