import type { LiveSession } from '../core/fleet.ts'
import { paneOf, type Pane } from '../core/host.ts'
import type { Reading } from '../core/session.ts'

/** An idle agent as its node tells of it. `key`: `node/server/%7`. */
export function liveSession(key: string, changes: Partial<LiveSession> = {}): LiveSession {
  return {
    key,
    pane: paneAt(key),
    reading: {
      ...readingOf({ agent: 'scripted', version: '1.0.0', rule: 'scripted/idle' }),
      generation: `generation of ${key}`,
      pid: 7,
      cwd: '/tmp',
      record: 'nothing',
    },
    dialog: null,
    at: 1_000,
    aliveAt: 1_000,
    since: 1_000,
    quietSince: 1_000,
    ...changes,
  }
}

/** Of a session that would take a prompt, but for `changes`. */
export function readingOf(changes: Partial<Reading> = {}): Reading {
  return {
    agent: 'claude',
    version: null,
    state: 'idle',
    acceptsPrompt: true,
    draft: false,
    trusted: true,
    limitedUntil: null,
    composer: null,
    rule: 'test',
    evidence: [],
    ...changes,
  }
}

function paneAt(key: string): Pane {
  return {
    ...paneOf(key),
    sessionName: 'dev',
    address: 'dev:0.0',
    pid: 7,
    tty: '/dev/pts/7',
    command: 'scripted',
    title: '',
    path: '/tmp',
    width: 80,
    height: 24,
    dead: false,
    inMode: false,
    inputOff: false,
    alternate: false,
    cursor: { x: 0, y: 0, visible: true },
    historySize: 0,
    activityAt: 1_000,
    typedAt: null,
    marker: '',
  }
}
