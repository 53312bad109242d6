import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { LocalFleet } from '../agents/local-fleet.ts'
import { parseRules } from '../agents/library.ts'
import { createReader } from '../agents/reader.ts'
import type { Checkouts } from '../core/checkouts.ts'
import { systemClock } from '../core/clock.ts'
import { AwayError } from '../core/errors.ts'
import type { Folders } from '../core/folders.ts'
import type { Site } from '../core/site.ts'
import { localCheckouts } from '../hosts/git.ts'
import { databases } from '../testing/databases.ts'
import { MemoryHost } from '../../distributed/simulator/memory-host.ts'
import { scriptedRules } from '../testing/scripted-agent/scripted-agent.ts'
import { waitFor } from '../testing/wait-for.ts'
import { Assigner } from './assigner.ts'
import { submit } from './commands.ts'
import type { OfficeTools } from './tools.ts'

const library = new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]])

test('a node that does not answer holds up nobody elsewhere', async () => {
  await using store = await databases[0]!.open()
  const near = new MemoryHost({ node: 'near' })
  const far = new MemoryHost({ node: 'far' })
  const asking = [near, far].map((host) => host.addPane('dev'))
  const stopping = new AbortController()
  const assigner = new Assigner(toolsOn(store.database), siteOf(near), {
    onJoin: (listener) => listener({ ...siteOf(far), folders: silent }),
  })

  const running = assigner.run(stopping.signal)
  for (const pane of asking.toReversed()) {
    Object.assign(pane, { busy: true, asked: 'ok ls', dialog: 'Allow this command?' })
  }
  await waitFor(async () => asking[0]!.approvals === 1, 'the answer to the dialog beside us')
  stopping.abort(new Error('the test ends'))
  await running

  expect(asking.map(({ approvals }) => approvals)).toEqual([1, 0])
})

test('a checkout whose node is cut off while it is read ends no assigner', async () => {
  await using store = await databases[0]!.open()
  const far = new MemoryHost({ node: 'far' })
  const pane = far.addPane('dev')
  const told: string[] = []
  const stopping = new AbortController()
  const tools = { ...toolsOn(store.database), progress: (line: string) => void told.push(line) }
  const assigner = new Assigner(tools, siteOf(new MemoryHost({ node: 'near' })), {
    onJoin: (listener) => listener({ ...siteOf(far), checkouts: cutOff }),
  })

  const running = assigner.run(stopping.signal)
  const { prompt } = await submit(store.database, { content: 'fix it' }, Date.now())
  await waitFor(async () => told.length >= 2, 'that it waits')
  stopping.abort(new Error('the test ends'))
  await running

  expect(told.at(-1)).toBe(`prompt ${prompt.id} waits for its node: far can't be heard.`)
  expect(pane.prompts).toEqual(['fix it'])
})

/** Nobody waits for its answer yet when it fails. */
const cutOff: Checkouts = {
  async stateOf() {
    await new Promise((resolve) => setImmediate(resolve))
    throw new AwayError("far can't be heard.")
  },
  changesOf: () => Promise.reject(new Error('nothing was read before')),
}

/** A node whose cable was pulled a moment ago: what is asked is not answered, and nobody knows yet. */
const silent: Folders = {
  projectRootOf: () => new Promise(() => undefined),
  realPaths: () => new Promise(() => undefined),
  ownData: () => new Promise(() => undefined),
}

function siteOf(host: MemoryHost): Site {
  const finder = {
    find: (pid: number) => {
      const pane = host.panes.find((each) => each.pid === pid)
      if (!pane) return null
      return { kind: 'scripted', pid, startedAt: 1, cwd: pane.path, home: null, argv: [], env: {} } as never
    },
  }
  const site: Site = {
    host,
    reader: createReader(library, { finder }),
    checkouts: localCheckouts,
    watch: (listeners) =>
      new LocalFleet({ ...site, clock: systemClock, log: pino({ level: 'silent' }) }, listeners),
  }
  return site
}

function toolsOn(database: OfficeTools['database']): OfficeTools {
  return {
    database,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    progress: () => undefined,
    owner: 'test',
    // What would be kept in files finds no place.
    dataDir: '/dev/null/none',
    decide: () => ({
      effect: 'allow',
      by: { kind: 'pattern', id: 1, version: 1 },
      also: [],
      reason: 'the rule of the test',
    }),
  }
}
