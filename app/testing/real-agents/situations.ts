import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionState } from '../../core/session.ts'
import type { TestPane } from './pane.ts'
import { sayHeard } from './say-heard.ts'
import type { AgentWish, StartedAgent } from './start.ts'
import type { StubModel } from './stub-model/server.ts'
import type { RealAgentKind } from './versions.ts'

/** What is known of a screen because the script brought it about. */
interface Truth {
  class: SessionState
  acceptsPrompt: boolean
  draft: boolean
}

/** One situation of a real agent: how to get into it, what is true then, and how to get out again. */
export interface Situation {
  name: string
  truth: Truth
  /** Kinds that know it; every kind when absent. */
  kinds?: RealAgentKind[]
  /** How the agent has to be started for it; situations of equal start share one agent. */
  start?: Pick<AgentWish, 'fresh' | 'subscription' | 'noWait' | 'args'>
  reach: (agent: StartedAgent, stub: StubModel) => Promise<void>
  /** The screen shows this, else the situation was not reached and nothing is recorded. */
  shows?: RegExp
  leave?: (pane: TestPane) => Promise<void>
}

const idle: Truth = { class: 'idle', acceptsPrompt: true, draft: false }
const idleDraft: Truth = { class: 'idle', acceptsPrompt: false, draft: true }
const busy: Truth = { class: 'busy', acceptsPrompt: false, draft: false }
const gone: Truth = { class: 'not_agent', acceptsPrompt: false, draft: false }
const blocked = (state: SessionState): Truth => ({ class: state, acceptsPrompt: false, draft: false })

/** Every tool needs a person's yes. Claude's newest releases start in a mode that asks less. */
export const askingArgs: Record<RealAgentKind, string[]> = {
  claude: ['--permission-mode', 'default'],
  codex: ['--ask-for-approval', 'on-request', '--sandbox', 'read-only'],
  gemini: [],
  opencode: [],
}

export const situations: Situation[] = [
  { name: 'idle-empty', truth: idle, reach: rest },
  {
    name: 'idle-typed',
    truth: idleDraft,
    reach: typing('half a thought'),
    shows: /half a thought/,
    leave: clear,
  },
  {
    name: 'idle-typed-pasted',
    truth: idleDraft,
    reach: pasting(12),
    shows: /pasted line 12|Pasted/,
    leave: clear,
  },
  { name: 'idle-answered', truth: idle, reach: asking('hello'), shows: /ECHO sha/ },
  { name: 'idle-answered-long', truth: idle, reach: asking('much [[long 60]]'), shows: /Line 60 of 60/ },
  spoof('permission', /rm -rf build/),
  spoof('codexPermission', /rm -rf build/),
  spoof('busy', /Pondering/),
  spoof('busyLast', /Thinking… \(12s/),
  spoof('limit', /5-hour limit reached/),
  spoof('trust', /Yes, I trust this folder/),
  spoof('shell', /\$ exit/),
  { name: 'busy-waiting', truth: busy, reach: telling('wait [[sleep 8]]', 2500), leave: finish(8) },
  { name: 'busy-thinking', truth: busy, reach: telling('think [[think 8]]', 3500), leave: finish(8) },
  {
    name: 'busy-streaming',
    truth: busy,
    reach: telling('slow [[stream 9]] [[long 30]]', 4000),
    shows: /Line \d+ of 30/,
    leave: finish(9),
  },
  { name: 'busy-typed', truth: { ...busy, draft: true }, reach: typingWhileBusy, leave: clearAfter(9) },
  {
    name: 'idle-interrupted',
    truth: idle,
    reach: interrupting,
    shows: /interrupted|cancelled/i,
    leave: clear,
  },
  {
    name: 'busy-tool',
    truth: busy,
    kinds: ['claude'],
    reach: telling('tool [[bash sleep 8]]', 4000),
    leave: finish(8),
  },
  permission('bash', (dir) => `[[bash touch ${dir}/made]]`),
  permission('write', (dir) => `[[write ${dir}/new.txt]]`),
  {
    name: 'question',
    truth: blocked('question'),
    kinds: ['claude', 'gemini'],
    reach: telling('question [[ask]]', 4000),
    shows: /SQLite/,
    leave: escape,
  },
  menu('/model', { claude: /Esc to|Enter to/i, codex: /Select Model/, gemini: /Select Model/ }),
  menu('/config', { claude: /Auto-compact|Esc(ape)? to/i }),
  menu('/resume', { codex: /Resume a previous session/ }),
  menu('/permissions', { codex: /Permissions|approval/i }),
  menu('/theme', { gemini: /Select Theme|Theme/, claude: /Dark mode \(/ }),
  {
    name: 'menu-slash',
    truth: { ...blocked('menu'), draft: true },
    reach: typing('/'),
    shows: /^\s*\/(?!\/)[a-z-]+ {2,}/m,
    leave: escape,
  },
  {
    name: 'error-400',
    truth: { ...idle, class: 'error' },
    kinds: ['claude', 'codex'],
    reach: asking('fail [[error 400]]'),
    shows: /400|error/i,
  },
  {
    name: 'error-retrying',
    truth: blocked('error'),
    reach: telling('busy server [[error 500]]', 6000),
    shows: /[Rr]etry|Reconnecting|attempt/,
    leave: escape,
  },
  {
    name: 'limit-5h',
    truth: blocked('limited'),
    start: { subscription: true },
    reach: telling('limit [[limit]]', 5000),
    shows: /hit your.*limit|usage limit reached|limit reached/i,
    leave: escape,
  },
  {
    name: 'limit-7d',
    truth: blocked('limited'),
    kinds: ['claude'],
    start: { subscription: true },
    reach: telling('limit [[limit7d]]', 5000),
    shows: /What do you want to do|hit your.*limit/i,
    leave: escape,
  },
  {
    name: 'trust-folder',
    truth: blocked('onboarding'),
    kinds: ['claude', 'codex', 'gemini'],
    start: { fresh: true, noWait: true },
    reach: () => sleep(5000),
    shows: /trust/i,
  },
  { name: 'shell-crashed', truth: gone, start: { args: [] }, reach: crashing },
]

async function rest() {
  await sleep(1500)
}

function typing(text: string) {
  return async ({ pane }: StartedAgent) => {
    await pane.type(text)
    await sleep(800)
  }
}

function pasting(lines: number) {
  return async ({ pane }: StartedAgent) => {
    await pane.paste(Array.from({ length: lines }, (_, at) => `pasted line ${at + 1}`).join('\n'))
    await sleep(800)
  }
}

/** Says something and waits until the turn has surely ended. */
function asking(text: string) {
  return telling(text, 3500)
}

function telling(text: string, afterMs: number) {
  return async (agent: StartedAgent, stub: StubModel) => {
    await sayHeard(agent, stub, text)
    await sleep(afterMs)
  }
}

function spoof(name: string, shows: RegExp): Situation {
  return { name: `idle-spoof-${name}`, truth: idle, reach: asking(`quote [[spoof ${name}]]`), shows }
}

async function typingWhileBusy(agent: StartedAgent, stub: StubModel) {
  await sayHeard(agent, stub, 'wait [[sleep 9]]')
  await sleep(1500)
  await agent.pane.type('next thing')
  await sleep(600)
}

async function interrupting(agent: StartedAgent, stub: StubModel) {
  await sayHeard(agent, stub, 'slow [[stream 15]] [[long 40]]')
  await sleep(4000)
  await agent.pane.press('Escape')
  if (agent.kind === 'opencode') {
    await sleep(300)
    await agent.pane.press('Escape')
  }
  await sleep(2500)
}

function permission(name: string, words: (dir: string) => string): Situation {
  return {
    name: `permission-${name}`,
    truth: blocked('permission'),
    reach: (agent, stub) => telling(`please ${words(agent.dir)}`, 4000)(agent, stub),
    shows: /❯ 1\. Yes|› 1\. Yes|1\. Allow once|Allow once|Permission required/,
    leave: escape,
  }
}

function menu(command: string, shows: Partial<Record<RealAgentKind, RegExp>>): Situation {
  return {
    name: `menu-${command.slice(1)}`,
    truth: blocked('menu'),
    kinds: Object.keys(shows) as RealAgentKind[],
    shows: new RegExp(
      Object.values(shows)
        .map(({ source }) => source)
        .join('|'),
      'i',
    ),
    reach: async ({ pane }) => {
      await pane.type(command)
      await sleep(900)
      await pane.press('Enter')
      await sleep(2000)
    },
    leave: escape,
  }
}

async function crashing(agent: StartedAgent, stub: StubModel) {
  await sayHeard(agent, stub, 'wait [[sleep 30]]')
  await sleep(1500)
  await agent.pane.killForeground(await agent.pane.pid())
  await sleep(800)
}

async function clear(pane: TestPane) {
  await pane.press('C-u')
  await pane.press('C-u')
  await sleep(500)
}

async function escape(pane: TestPane) {
  await pane.press('Escape')
  await sleep(1500)
  await clear(pane)
}

function finish(seconds: number) {
  return () => sleep(seconds * 1000)
}

function clearAfter(seconds: number) {
  return async (pane: TestPane) => {
    await sleep(seconds * 1000)
    await clear(pane)
  }
}
