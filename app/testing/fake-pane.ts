import type { Look, Pane } from '../core/host.ts'

/** What happens to a prompt that was entered in a fake pane; the default starts a turn that never ends. */
export type Reaction = (pane: FakePane, prompt: string) => void

/**
 * An agent's pane without tmux and without a program: drawn as the scripted agent draws itself, so that the
 * same rule file reads both. Tests change it at will; everything that it was sent is kept.
 */
export class FakePane {
  readonly paneId: string
  readonly sessionName: string
  readonly server: string
  pid: number
  command = 'scripted'
  path = '/'
  width = 100
  height = 30
  dead = false
  inMode = false
  inputOff = false
  typedAt: number | null = null
  marker = ''
  /** What stands in the composer. */
  draft = ''
  busy = false
  dialog: string | null = null
  history: string[] = []
  /** Everything that arrived, pastes in their brackets. */
  received = ''
  prompts: string[] = []
  approvals = 0
  reaction: Reaction = (pane) => (pane.busy = true)

  constructor(server: string, number: number, sessionName: string) {
    this.server = server
    this.paneId = `%${number}`
    this.sessionName = sessionName
    this.pid = 1000 + number
  }

  /** A person's keys. */
  type(text: string) {
    this.draft += text
  }

  /** The turn is over. */
  answer(text: string) {
    this.busy = false
    this.history.push(`● ${text}`)
  }

  takePaste(text: string) {
    this.received += `\u001b[200~${text}\u001b[201~`
    if (this.dialog === null) this.draft += text
  }

  takeKey(key: string) {
    this.received += bytesOf[key] ?? key
    if (key === 'C-u') this.draft = ''
    if (key === 'Escape' && this.dialog === null) this.busy = false
    if (key === 'Escape') this.dialog = null
    if (key === 'Enter') this.enter()
  }

  private enter() {
    if (this.dialog !== null) {
      this.approvals++
      this.dialog = null
      return
    }
    const prompt = this.draft
    if (prompt === '') return
    this.draft = ''
    this.prompts.push(prompt)
    this.history.push(`> ${prompt.split('\n')[0]}`)
    this.reaction(this, prompt)
  }

  look(at: number, searches: string[]): Look {
    const { rows, cursor } = this.drawn()
    return {
      ...this.listed(at),
      at,
      cursor,
      rows,
      searches: Object.fromEntries(searches.map((pattern) => [pattern, firstMatch(rows, pattern)])),
    }
  }

  listed(at: number): Pane {
    const { server, paneId, sessionName, pid, command, path, width, height } = this
    const { dead, inMode, inputOff, typedAt, marker } = this
    return {
      server,
      paneId,
      sessionName,
      pid,
      command,
      path,
      width,
      height,
      dead,
      inMode,
      inputOff,
      typedAt,
      marker,
      address: `${sessionName}:0.0`,
      tty: `/dev/pts/${paneId.slice(1)}`,
      title: this.busy ? '◐ Scripted' : '✳ Scripted',
      alternate: true,
      cursor: this.drawn().cursor,
      historySize: 0,
      activityAt: Math.floor(at / 1000) * 1000,
    }
  }

  private drawn() {
    const below = this.dialog === null ? this.composerRows() : this.dialogRows(this.dialog)
    const above = this.history.slice(-Math.max(0, this.height - below.length))
    const blank = Array<string>(Math.max(0, this.height - below.length - above.length)).fill('')
    const y = this.height - 3
    const x = 2 + (below.at(-3)?.length ?? 2) - 2
    return {
      rows: [...above, ...blank, ...below].slice(-this.height),
      cursor: { x, y, visible: this.dialog === null },
    }
  }

  private composerRows(): string[] {
    const rule = '─'.repeat(this.width)
    const rows = this.draft.split('\n').map((line, index) => `${index === 0 ? '❯' : ' '} ${line}`)
    return [rule, ...rows, rule, this.busy ? '  scripted · esc to interrupt' : '  scripted · ready']
  }

  private dialogRows(title: string): string[] {
    return ['▔'.repeat(this.width), ` ${title}`, ' ❯ 1. Yes', '   2. No', ' Enter to choose · Esc to cancel']
  }
}

const bytesOf: Record<string, string> = { Enter: '\r', Escape: '\u001b', 'C-u': '\u0015', 'C-c': '\u0003' }

function firstMatch(rows: string[], pattern: string): number | null {
  const row = rows.findIndex((text) => new RegExp(pattern, 'u').test(text.trimEnd()))
  return row < 0 ? null : row
}
