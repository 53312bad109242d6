import type { Clock } from '../../core/clock.ts'
import { isAppError } from '../../core/errors.ts'
import type { Look, Pane } from '../../core/host.ts'
import type { Request } from './connection.ts'
import { asAppError } from './failures.ts'
import { isOurs } from './owner.ts'
import { briefFormat, type ListedPane, paneFormat, readBrief, readPane } from './pane-fields.ts'
import type { Block } from './protocol.ts'
import { command, commandList, formatLiteral } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'
import { listTypists, readTypists, type Typists } from './typed-at.ts'

/** Every pane of a server, each once, without those of our own sessions. */
export async function listPanes(server: TmuxServer): Promise<Pane[]> {
  const { panes, typedAt } = await listFully(server)
  return panes.map((pane) => asPane(pane, typedAt))
}

export interface FullListing {
  panes: ListedPane[]
  typedAt: Typists
}

export async function listFully(server: TmuxServer): Promise<FullListing> {
  const line = commandList(command('list-panes', '-a', '-F', paneFormat()), listTypists)
  const [panes, clients] = await server.run(line)
  const listed = (panes?.lines ?? [])
    .map((row) => readPane(server.label, row))
    .filter(({ sessionName }) => !isOurs(sessionName))
  return { panes: firstOfEach(listed), typedAt: readTypists(clients?.lines ?? []) }
}

/** A window that is linked into several sessions is listed in each of them. */
function firstOfEach<T extends { paneId: string }>(panes: T[]): T[] {
  return [...new Map(panes.toReversed().map((pane) => [pane.paneId, pane])).values()].toReversed()
}

/** The few fields that tell whether a pane has to be asked for the rest. */
export async function listBriefly(server: TmuxServer) {
  const [panes, clients] = await server.run(
    commandList(command('list-panes', '-a', '-F', briefFormat), listTypists),
  )
  const briefs = (panes?.lines ?? []).map(readBrief).filter(({ sessionName }) => !isOurs(sessionName))
  return { briefs: firstOfEach(briefs), typedAt: readTypists(clients?.lines ?? []) }
}

/** All fields of some panes, without those that went away or are our own. */
export async function listSome(server: TmuxServer, paneIds: string[]): Promise<ListedPane[]> {
  const answers = await server.runAll(paneIds.map((paneId) => ({ line: ownLine(paneId, paneFormat()) })))
  const panes = answers.map((answer, index) => {
    return presentOrNull(answer, paneIds[index]!, ([listing]) => firstPane(server.label, listing))
  })
  return (await namedAsTheirs(server, panes)).filter((pane) => pane !== null)
}

/** Pane and screen in one command list; `null` where a pane went away meanwhile. */
export async function lookAtPanes(
  server: TmuxServer,
  paneIds: string[],
  searches: string[],
  clock: Clock,
): Promise<(Look | null)[]> {
  if (paneIds.length === 0) return []
  const answers = await server.runAll(paneIds.map((paneId) => lookRequest(server.label, paneId, searches)))
  const looks = answers.map((answer, index) => {
    return presentOrNull(answer, paneIds[index]!, (blocks) => readLook(server.label, blocks, searches, clock))
  })
  return namedAsTheirs(server, looks)
}

/**
 * A window that a browser looks at is in a session of ours, too (views.ts), and tmux names a pane by the session
 * that was used last. Gives each its people's session again; `null` where only ours has it any more.
 */
async function namedAsTheirs<P extends Pick<Pane, 'paneId' | 'sessionName' | 'address'>>(
  server: TmuxServer,
  panes: (P | null)[],
): Promise<(P | null)[]> {
  if (!panes.some((pane) => pane && isOurs(pane.sessionName))) return panes
  const blocks = await server.run(command('list-panes', '-a', '-F', namesFormat))
  const names = blocks
    .flatMap(({ lines }) => lines)
    .map((line) => line.split('\t'))
    .filter(([, sessionName]) => !isOurs(sessionName ?? ''))
    .map(([paneId, sessionName = '', address = '']) => [paneId, { sessionName, address }] as const)
  const theirs = new Map(names.toReversed())
  return panes.map((pane) => {
    if (!pane || !isOurs(pane.sessionName)) return pane
    const name = theirs.get(pane.paneId)
    return name ? { ...pane, ...name } : null
  })
}

const namesFormat = '#{pane_id}\t#{session_name}\t#{session_name}:#{window_index}.#{pane_index}'

function presentOrNull<T>(
  answer: PromiseSettledResult<Block[]>,
  paneId: string,
  read: (blocks: Block[]) => T,
): T | null {
  if (answer.status === 'fulfilled') return read(answer.value)
  const error = asAppError(answer.reason, `The pane ${paneId}`)
  if (isAppError(error, 'not_found')) return null
  throw error
}

/** The last `lines` rows of scrollback and screen. */
export async function readHistory(server: TmuxServer, paneId: string, lines: number): Promise<string> {
  const line = commandList(
    ownLine(paneId, paneFormat()),
    command('capture-pane', '-p', '-t', paneId, '-S', String(-lines)),
  )
  const blocks = await server.run(line, (before) => {
    const pane = before.length === 1 ? firstPane(server.label, before[0]) : null
    return pane ? pane.height + Math.min(lines, pane.historySize) : 0
  })
  return (blocks.at(-1)?.lines ?? []).slice(-lines).join('\n')
}

function lookRequest(server: string, paneId: string, searches: string[]): Request {
  const capture = command('capture-pane', '-p', '-e', '-t', paneId)
  return {
    line: commandList(ownLine(paneId, paneFormat(searches)), listTypists, capture),
    leastRows: (blocks) => (blocks.length === 2 ? (firstPane(server, blocks[0])?.height ?? 0) : 0),
  }
}

/** `display-message` would do but for its dates: it takes `%7` and every `%` of a search for one. */
function ownLine(paneId: string, format: string): string {
  return command('list-panes', '-t', paneId, '-f', `#{==:#{pane_id},${formatLiteral(paneId)}}`, '-F', format)
}

function firstPane(server: string, listing: Block | undefined): ListedPane | null {
  const line = listing?.lines[0]
  return line === undefined ? null : readPane(server, line)
}

function readLook(server: string, blocks: Block[], searches: string[], clock: Clock): Look | null {
  const [listing, clients, screen] = blocks
  const pane = firstPane(server, listing)
  if (!pane || !screen) return null
  return {
    ...asPane(pane, readTypists(clients?.lines ?? [])),
    at: clock.now(),
    rows: screen.lines,
    searches: Object.fromEntries(searches.map((pattern, index) => [pattern, pane.found[index] ?? null])),
  }
}

export function asPane({ windowId, found: _found, ...pane }: ListedPane, typedAt: Typists): Pane {
  return { ...pane, typedAt: typedAt.get(windowId) ?? null }
}
