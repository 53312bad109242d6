import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { parseRules } from '../agents/library.ts'
import { LocalFleet } from '../agents/local-fleet.ts'
import { createReader } from '../agents/reader.ts'
import { InteractionDesk } from '../broker/interactions/desk.ts'
import type { Decide } from '../broker/interactions/judge.ts'
import type { Tools } from '../broker/tools.ts'
import { systemClock } from '../core/clock.ts'
import type { SessionHost } from '../core/host.ts'
import { listInteractions } from '../db/interaction/read.ts'
import type { SessionSettings } from '../db/session-settings.ts'
import { MemoryHost } from '../../distributed/simulator/memory-host.ts'
import type { MemoryPane } from '../../distributed/simulator/memory-pane.ts'
import { localCheckouts } from '../hosts/git.ts'
import type { TestStore } from './databases.ts'
import { scriptedRules } from './scripted-agent/scripted-agent.ts'
import { waitFor } from './wait-for.ts'

/** A person who answers. */
export const ada = { kind: 'user', name: 'ada', address: null } as const
const library = new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]])

/** Allows what begins with "ok" when all of it is certain; everything else waits. */
const decide: Decide = ({ input, inputWhole }) => {
  const by = { kind: 'pattern', id: 1, version: 1 } as const
  const effect = inputWhole && input.command?.startsWith('ok') === true ? 'allow' : 'ask'
  return { effect, by, also: [], reason: 'the rule of the test' }
}

const settings: SessionSettings = {
  node: 'fake',
  name: '',
  tier: 'worker',
  tags: [],
  paused: false,
  ignored: false,
  manager: null,
  createdBy: null,
  agent: null,
  dir: null,
  updatedAt: 1,
}

/** A host of panes that exist in memory, and one assigner's eyes and desk on them. */
export function openWorld({ database }: TestStore) {
  const host = new MemoryHost()
  let taken = ''
  const finder = {
    find: (pid: number) => {
      const pane = host.panes.find((each) => each.pid === pid)
      if (!pane) return null
      return { kind: 'scripted', pid, startedAt: 1, cwd: pane.path, home: null, argv: [], env: {} } as never
    },
  }
  const tools: Tools = {
    database,
    host,
    reader: createReader(library, { finder }),
    clock: systemClock,
    log: pino({ level: 'silent' }),
    progress: () => undefined,
    owner: 'test',
    dataDir: '/nowhere',
    decide,
    checkouts: localCheckouts,
    watch: (listeners) => new LocalFleet(tools, listeners),
  }
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  function openDesk(own: Partial<Tools> = {}) {
    let desk: InteractionDesk | null = null
    // Somebody who looks for the first time sees every pane.
    for (const pane of host.panes) pane.history.push('●')
    const fleet = tools.watch({ onChange: (one) => desk?.note(one), onGone: (one) => desk?.note(one) })
    desk = new InteractionDesk(
      { ...tools, ...own },
      {
        get: (key) => fleet.get(key),
        settingsOf: () => settings,
        isTaken: (key) => key === taken,
        promptOf: () => null,
      },
    )
    const opened = desk
    return {
      desk: opened,
      turn: async () => {
        await fleet.observe()
        opened.noticeNews()
        await opened.work(stopping.signal)
      },
    }
  }
  return {
    host,
    tools,
    openDesk,
    take: (key: string) => (taken = key),
    stop: () => stopping.abort(new Error('the test ends')),
    all: () => listInteractions(database.kysely, { limit: 200 }),
    ask: (pane: MemoryPane, command: string) => {
      pane.busy = true
      pane.asked = command
      pane.dialog = 'Allow this command?'
    },
  }
}

export async function turnUntil(turn: () => Promise<void>, fits: () => Promise<boolean>, what: string) {
  await waitFor(async () => (await turn(), await fits()), what)
}

/** A host whose caller is gone from the given call for a pane on: before tmux hears of it, or before its answer is heard. */
export function dyingHost(host: MemoryHost, deathOf: (paneId: string) => { call: number; after: boolean }) {
  const dead = new Set<string>()
  const calls = new Map<string, number>()
  const never = new Promise<never>(() => undefined)
  async function through<T>(paneId: string, call: () => Promise<T>): Promise<T> {
    const death = deathOf(paneId)
    const count = calls.get(paneId) ?? 0
    calls.set(paneId, count + 1)
    if (count === death.call) dead.add(paneId)
    if (count === death.call && !death.after) return never
    const answer = await call()
    return count === death.call ? never : answer
  }
  const own: Partial<SessionHost> = {
    look: (pane, searches) => through(pane.paneId, () => host.look(pane, searches)),
    press: (look, keys, marker) => through(look.paneId, () => host.press(look, keys, marker)),
  }
  const wrapped = new Proxy(host, {
    get: (target, name: keyof MemoryHost) => {
      const value: unknown = name in own ? own[name as keyof typeof own] : target[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { host: wrapped, dead }
}

/** A person's process: its own eyes on the same host. */
export function worldTools(host: MemoryHost, { database }: TestStore) {
  const finder = {
    find: (pid: number) =>
      ({ kind: 'scripted', pid, startedAt: 1, cwd: '/', home: null, argv: [], env: {} }) as never,
  }
  return { database, host, reader: createReader(library, { finder }), clock: systemClock }
}
