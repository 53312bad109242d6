import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prepareHome, type HomeWish } from './homes.ts'
import { installAgent } from './install.ts'
import { startPane, type TestPane } from './pane.ts'
import { realAgents, type RealAgentKind } from './versions.ts'

export interface AgentWish extends Partial<Omit<HomeWish, 'home' | 'dir' | 'port'>> {
  kind: RealAgentKind
  /** The pinned one when absent. */
  version?: string
  session: string
  /** Name of a private tmux server (`tmux -L`). */
  socket: string
  home: string
  dir: string
  /** Port of the stub model. */
  port: number
  /** More arguments of the agent. */
  args?: string[]
  width?: number
  height?: number
  /** Folder of installed agents. */
  cache?: string
  /** More of its environment. */
  env?: Record<string, string>
  /** Runs when its home is prepared and before it starts. */
  beforeStart?(): Promise<unknown>
  /** Do not wait until it is idle (onboarding, a start that fails). */
  noWait?: boolean
}

/** A real agent in a shell in a pane of its own. Ending the tmux server ends it. */
export interface StartedAgent {
  pane: TestPane
  kind: RealAgentKind
  version: string
  home: string
  dir: string
}

/** Starts a real agent offline and waits until its input box is there. Throws with the screen when it is not. */
export async function startAgent(wish: AgentWish): Promise<StartedAgent> {
  const { kind, version = realAgents[wish.kind].version, home, dir, port } = wish
  const binaries = await installAgent(kind, version, wish.cache)
  await prepareFolder(dir)
  const { theme = 'dark', fresh = false, subscription = false, settings = {} } = wish
  const own = await prepareHome(kind, { home, dir, port, theme, fresh, subscription, settings })
  await wish.beforeStart?.()
  const path = `${binaries}:${process.env['PATH'] ?? ''}`
  const env = { ...own, HOME: home, NO_PROXY: '127.0.0.1', PATH: path, PS1: '\\w$ ', ...wish.env }
  const pane = await startPane({ ...wish, env })
  if (theme === 'light') await showLightTerminal(pane)
  await pane.type(commandLine(kind, version, wish.args ?? []))
  await pane.press('Enter')
  if (wish.noWait !== true) await pane.waitFor(upPatterns[kind], startMs)
  return { pane, kind, version, home, dir }
}

/** A cold start of opencode takes longest; loaded machines take several times as long. */
const startMs = 120_000

/** What only the drawn input box shows. */
const upPatterns: Record<RealAgentKind, RegExp> = {
  claude: /^[│\s]*[>❯]\s.*\n(?:─{9}|╰─)/m,
  codex: /^› /m,
  gemini: /Type your message/,
  opencode: /Ask anything/,
}

async function prepareFolder(dir: string) {
  await mkdir(dir, { recursive: true })
  if (!existsSync(join(dir, '.git'))) await promisify(execFile)('git', ['init', '-q', dir])
}

/** Agents that ask the terminal for its colours are answered by tmux with those of the window. */
async function showLightTerminal(pane: TestPane) {
  await pane.tmux('set-option', '-w', '-t', pane.id, 'window-style', 'fg=black,bg=white')
}

function commandLine(kind: RealAgentKind, version: string, args: string[]): string {
  const { binary } = realAgents[kind]
  const own = kind === 'codex' && hasDaemon(version) ? ['--no-daemon'] : []
  return [binary, ...own, ...args].join(' ')
}

/** Newer Codex starts a background server that outlives its window. */
function hasDaemon(version: string): boolean {
  return Number(version.split('.')[1]) >= 160
}
