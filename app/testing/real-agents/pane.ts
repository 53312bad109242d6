import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** What a pane shows at one moment, in the words of the recordings. */
export interface PaneShot {
  text: string
  ansi: string
  title: string
  command: string
  width: number
  height: number
  cursor: { x: number; y: number; visible: boolean }
  alternate: boolean
  dead: boolean
}

/** A pane on a private tmux server, driven by plain tmux calls: it must not lean on the code under test. */
export class TestPane {
  readonly socket: string
  readonly id: string

  constructor(socket: string, id: string) {
    this.socket = socket
    this.id = id
  }

  tmux(...args: string[]): Promise<string> {
    return tmux(this.socket, args)
  }

  /** Presses named keys: `Enter`, `Escape`, `C-c`. */
  async press(...keys: string[]) {
    await this.tmux('send-keys', '-t', this.id, ...keys)
  }

  /** Types short text as if by hand. */
  async type(text: string) {
    await this.tmux('send-keys', '-t', this.id, '-l', text)
  }

  /** Pastes with brackets, as a terminal does. */
  async paste(text: string) {
    const buffer = `paste-${process.pid}-${Date.now()}`
    await this.tmux('set-buffer', '-b', buffer, text)
    await this.tmux('paste-buffer', '-p', '-d', '-b', buffer, '-t', this.id)
  }

  /** Pastes, lets it settle and presses Enter. */
  async say(text: string, settleMs = 400) {
    await this.paste(text)
    await sleep(settleMs)
    await this.press('Enter')
  }

  async text(): Promise<string> {
    return this.tmux('capture-pane', '-p', '-t', this.id)
  }

  async pid(): Promise<number> {
    return Number(await this.tmux('display-message', '-p', '-t', this.id, '#{pane_pid}'))
  }

  /** Kills what runs under the pane's shell, as a crash would: nothing is tidied up. */
  async killForeground(shell: number) {
    for (const pid of await descendants(shell)) {
      // A parent that falls takes children along, which are then gone already.
      if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
    }
  }

  /** Screen, attributes and facts, read in one command list, so that they are of one moment. */
  async shot(): Promise<PaneShot> {
    const target = ['-t', this.id]
    const text = ['capture-pane', '-p', ...target, ';', 'display-message', '-p', ...target, mark, ';']
    const ansi = ['capture-pane', '-p', '-e', ...target, ';', 'display-message', '-p', ...target]
    const output = await this.tmux(...text, ...ansi, `${mark}${facts}`)
    const [plain = '', coloured = '', last = ''] = output.split(mark)
    const [width, height, x, y, flag, alternate, dead, command = '', ...title] = last.trimEnd().split('\t')
    return {
      text: plain,
      ansi: coloured.slice(1),
      title: title.join('\t'),
      command,
      width: Number(width),
      height: Number(height),
      cursor: { x: Number(x), y: Number(y), visible: flag === '1' },
      alternate: alternate === '1',
      dead: dead === '1',
    }
  }

  /** Waits until the screen shows `pattern`. Throws with the last screen when it does not in time. */
  async waitFor(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const until = Date.now() + timeoutMs
    for (;;) {
      const text = await this.text()
      if (pattern.test(text)) return text
      if (Date.now() > until) throw new Error(`${pattern} did not show up within ${timeoutMs} ms:\n${text}`)
      await sleep(100)
    }
  }
}

export interface PaneWish {
  /** Name of a private tmux server (`tmux -L`). */
  socket: string
  session: string
  dir: string
  env: Record<string, string>
  width?: number
  height?: number
}

/** A bare shell in a new session of a private tmux server. */
export async function startPane(wish: PaneWish): Promise<TestPane> {
  const { socket, session, dir, env, width = 120, height = 40 } = wish
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const create = ['new-session', '-d', '-P', '-F', '#{pane_id}', '-s', session, '-c', dir]
  const size = ['-x', String(width), '-y', String(height)]
  // tmux gives a new session the PATH of the client that made it, whatever -e says: so the client has ours.
  const client = { ...cleanEnvironment(), ...(env['PATH'] === undefined ? {} : { PATH: env['PATH'] }) }
  const id = await tmux(socket, [...create, ...size, ...variables, 'bash --norc --noprofile'], client)
  return new TestPane(socket, id.trim())
}

/** Ends a private tmux server and everything that runs in it. */
export async function endTmux(socket: string) {
  await tmux(socket, ['kill-server'])
}

/** A private server passes its own environment on: whatever could steer an agent stays out of it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const steering = /^(CLAUDE|ANTHROPIC|OPENAI|CODEX|GEMINI|GOOGLE|OPENCODE|XDG|TMUX|NO_COLOR|CI$)/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.test(name)))
}

/** Runs one tmux command list on a private server. */
async function tmux(socket: string, args: string[], env = process.env): Promise<string> {
  const { stdout } = await run('tmux', ['-L', socket, ...args], { env, maxBuffer: 16_000_000 })
  return stdout
}

async function descendants(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const pids = children.split(' ').filter(Boolean).map(Number)
  return [...pids, ...(await Promise.all(pids.map(descendants))).flat()]
}

const run = promisify(execFile)
const mark = '@@@ shot @@@'
const facts = [
  'pane_width',
  'pane_height',
  'cursor_x',
  'cursor_y',
  'cursor_flag',
  'alternate_on',
  'pane_dead',
  'pane_current_command',
  'pane_title',
]
  .map((name) => `#{${name}}`)
  .join('\t')
