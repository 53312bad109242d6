import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import { askingArgs, situations, type Situation } from './situations.ts'
import { endTmux } from './pane.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'
import { realAgents, type RealAgentKind } from './versions.ts'

export interface RecordingWish {
  kind: RealAgentKind
  version: string
  width: number
  height: number
  theme: 'dark' | 'light'
  /** JSON lines are appended to this file. */
  file: string
  cache?: string
  /** Names of situations; all when absent. */
  only?: string[]
  say: (line: string) => void
}

/**
 * Brings a real agent into one situation after the other and appends a recording of each, with the truth from
 * the script. A situation that was not reached is said and left out: a wrong label is worse than none.
 */
export async function record(wish: RecordingWish) {
  await mkdir(dirname(wish.file), { recursive: true })
  await using stub = await startStubModel()
  for (const group of groupByStart(wish)) {
    const folder = await mkdtemp(join(tmpdir(), 'agent-'))
    const socket = `record-${process.pid}`
    try {
      const agent = await start(wish, group, folder, socket, stub.port)
      for (const situation of group) await recordOne(wish, situation, agent, stub)
    } catch (error) {
      wish.say(`${group[0]?.name}: ${messageOf(error)}`)
    } finally {
      await endTmux(socket)
      await sleep(500)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
  }
}

function groupByStart({ kind, only }: RecordingWish): Situation[][] {
  const known = situations.filter(
    ({ kinds, name }) => (!kinds || kinds.includes(kind)) && (!only || only.includes(name)),
  )
  const groups = new Map<string, Situation[]>()
  for (const situation of known) {
    const start = JSON.stringify(situation.start ?? {})
    groups.set(start, [...(groups.get(start) ?? []), situation])
  }
  return [...groups.values()]
}

async function start(
  { kind, version, width, height, theme, cache }: RecordingWish,
  group: Situation[],
  folder: string,
  socket: string,
  port: number,
): Promise<StartedAgent> {
  return startAgent({
    kind,
    version,
    width,
    height,
    theme,
    socket,
    session: kind,
    home: join(folder, 'home'),
    dir: join(folder, 'project'),
    port,
    args: askingArgs[kind],
    ...(cache === undefined ? {} : { cache }),
    ...group[0]?.start,
  })
}

async function recordOne(wish: RecordingWish, situation: Situation, agent: StartedAgent, stub: StubModel) {
  const { kind, version, width, height, theme, file, say } = wish
  const id = `${kind}-${version}/${situation.name}-${width}x${height}-${theme}`
  try {
    await situation.reach(agent, stub)
    const shot = await agent.pane.shot()
    if (situation.shows && !situation.shows.test(shot.text)) throw new Error(`not reached:\n${shot.text}`)
    const head = { id, agent: kind, version, ...situation.truth, detail: situation.name, theme }
    await appendFile(file, JSON.stringify({ ...head, ...shot }) + '\n')
    say(`${id}: ${situation.truth.class}`)
  } catch (error) {
    say(`${id}: ${messageOf(error)}`)
  }
  await situation.leave?.(agent.pane)
}

export function pinnedVersion(kind: RealAgentKind): string {
  return realAgents[kind].version
}
