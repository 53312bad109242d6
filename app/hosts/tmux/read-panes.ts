import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Look, Pane } from '../../core/host.ts'
import type { Request } from './connection.ts'
import { asAppError } from './failures.ts'
import { isOurs } from './owner.ts'
import { type ListedPane, paneFormat, readPane } from './pane-fields.ts'
import type { Block } from './protocol.ts'
import { command, commandList, formatLiteral } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'
import { listTypists, readTypists } from './typed-at.ts'

/** Every pane of a server, each once, without those of our own sessions. */
export async function listPanes(server: TmuxServer): Promise<Pane[]> {
  const line = commandList(command('list-panes', '-a', '-F', paneFormat()), listTypists)
  const [panes, clients] = await server.run(line)
  const typedAt = readTypists(clients?.lines ?? [])
  const listed = new Map<string, Pane>()
  for (const row of panes?.lines ?? []) {
    const pane = readPane(server.label, row)
    if (!isOurs(pane.sessionName) && !listed.has(pane.paneId)) listed.set(pane.paneId, asPane(pane, typedAt))
  }
  return [...listed.values()]
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
  return answers.map((answer, index) => {
    if (answer.status === 'fulfilled') return readLook(server.label, answer.value, searches, clock)
    const error = asAppError(answer.reason, `The pane ${paneIds[index]}`)
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  })
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

function asPane({ windowId, found: _found, ...pane }: ListedPane, typedAt: Map<string, number>): Pane {
  return { ...pane, typedAt: typedAt.get(windowId) ?? null }
}
