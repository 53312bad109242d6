import { basename } from 'node:path'
import type { AgentKind } from '../core/session.ts'
import { ProcessTable, type ProcessEntry } from './process-table.ts'

/** How the process of an agent is recognised; comes from the agent's rule file. */
export interface Recogniser {
  kind: AgentKind
  /** Names of the executable: the first word of argv without its folder. */
  executables: string[]
  /** Tested on interpreter and script (`node /x/claude-code/cli.js`), never on the script's arguments. */
  argvPatterns: RegExp[]
}

/** The agent that a pane's terminal listens to. */
export interface AgentProcess {
  kind: AgentKind
  pid: number
  /** Clock ticks since boot, from /proc: with the pid it names this process and no later one. */
  startedAt: number
  argv: string[]
  /** null when it belongs to a user whose processes can't be read. */
  cwd: string | null
  home: string | null
  claudeConfigDir: string | null
  codexHome: string | null
  xdgDataHome: string | null
}

export interface AgentFinder {
  /**
   * The agent in the foreground of the pane whose first process is `panePid`; null when there is none, or when
   * it is suspended. Two small reads for a pane where nothing has changed.
   */
  find(panePid: number): AgentProcess | null
}

export function createAgentFinder(
  recognisers: readonly Recogniser[],
  table: ProcessTable = new ProcessTable(),
  now: () => number = Date.now,
): AgentFinder {
  const seen = new Map<number, Finding>()
  return {
    find(panePid) {
      const pane = table.entry(panePid)
      const earlier = seen.get(panePid)
      if (!pane || pane.state === 'Z') {
        seen.delete(panePid)
        return null
      }
      if (earlier && stillHolds(earlier, pane, table, now())) return earlier.agent
      const agent = findForeground(pane, recognisers, table)
      if (seen.size >= maxKept) seen.clear()
      seen.set(panePid, { pane, agent, at: now() })
      return agent
    },
  }
}

/** Nobody says which panes are gone: far more than one machine has panes, then all are found anew. */
const maxKept = 2_000

interface Finding {
  pane: ProcessEntry
  agent: AgentProcess | null
  at: number
}

/** A wrapper starts its agent without any change that the pane's own process shows: "none" is asked again. */
const noneHoldsMs = 1000

function stillHolds({ pane, agent, at }: Finding, current: ProcessEntry, table: ProcessTable, now: number) {
  const same =
    pane.startedAt === current.startedAt &&
    pane.foregroundGroup === current.foregroundGroup &&
    pane.name === current.name
  if (!same) return false
  if (!agent) return now - at < noneHoldsMs
  const entry = table.entry(agent.pid)
  return entry?.startedAt === agent.startedAt && isAwake(entry)
}

function isAwake({ state }: ProcessEntry): boolean {
  return state !== 'T' && state !== 'Z' && state !== 'X'
}

/** Looks among the processes of the foreground group, then at who started them. */
function findForeground(pane: ProcessEntry, recognisers: readonly Recogniser[], table: ProcessTable) {
  const recognise = (entry: ProcessEntry) => recogniseAgent(entry, recognisers, table)
  for (const entry of foregroundOf(pane, table)) {
    const agent = isAwake(entry) ? recognise(entry) : null
    if (agent) return agent
  }
  // An agent that hands its terminal to an editor or a shell tool is still the one behind the pane.
  for (const entry of ancestors(pane.foregroundGroup, pane.pid, table)) {
    const agent = isAwake(entry) ? recognise(entry) : null
    if (agent) return agent
  }
  return null
}

/** These run their command on a terminal of its own, with a foreground group of its own. */
const terminalMakers = new Set(['sudo', 'su', 'doas', 'script', 'runuser'])

/** Deep enough for `sudo -u me sh -c "npx …"`, and an end for a process that forks for ever. */
const maxLooked = 400

/** Processes of the foreground group under the pane's process, parents before children. */
function foregroundOf(pane: ProcessEntry, table: ProcessTable): ProcessEntry[] {
  const found: ProcessEntry[] = []
  const waiting = [{ pid: pane.pid, inside: false }]
  for (let looked = 0; looked < maxLooked; looked += 1) {
    const next = waiting.shift()
    if (!next) break
    const entry = table.entry(next.pid)
    if (!entry) continue
    const isForeground = next.inside || entry.group === pane.foregroundGroup
    if (isForeground) found.push(entry)
    const inside = next.inside || (isForeground && terminalMakers.has(entry.name))
    waiting.push(...table.children(entry.pid).map((pid) => ({ pid, inside })))
  }
  return found
}

function ancestors(from: number, top: number, table: ProcessTable): ProcessEntry[] {
  const found: ProcessEntry[] = []
  let pid = table.entry(from)?.parent ?? 0
  while (pid > 1 && found.length < maxLooked) {
    const entry = table.entry(pid)
    if (!entry) break
    found.push(entry)
    if (pid === top) break
    pid = entry.parent
  }
  return found
}

function recogniseAgent(
  entry: ProcessEntry,
  recognisers: readonly Recogniser[],
  table: ProcessTable,
): AgentProcess | null {
  const argv = table.argv(entry.pid)
  const program = basename(argv[0] ?? '').replace(/^-/, '')
  const launch = launchWords(argv).join(' ')
  const match = recognisers.find(
    ({ executables, argvPatterns }) =>
      executables.includes(program) ||
      (interpreters.test(program) && argvPatterns.some((pattern) => pattern.test(launch))),
  )
  if (!match) return null
  const environment = table.environment(entry.pid)
  const variable = (name: string) => environment.get(name) ?? null
  return {
    kind: match.kind,
    pid: entry.pid,
    startedAt: entry.startedAt,
    argv,
    cwd: table.cwd(entry.pid),
    home: variable('HOME'),
    claudeConfigDir: variable('CLAUDE_CONFIG_DIR'),
    codexHome: variable('CODEX_HOME'),
    xdgDataHome: variable('XDG_DATA_HOME'),
  }
}

const interpreters = /^(node|bun|deno|tsx|python[\d.]*|ruby|perl|ba?sh|dash|zsh)$/

/** Options of interpreters that take the next word with them. */
const takesValue = new Set(['-r', '--require', '--import', '--loader', '--env-file'])

/** Interpreter, its options and the script or module: what was started, without what it was told. */
function launchWords(argv: string[]): string[] {
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (takesValue.has(word)) at += 1
    else if (word === '-m' || word === 'run') return argv.slice(0, at + 2)
    else if (!word.startsWith('-')) return argv.slice(0, at + 1)
  }
  return argv
}
