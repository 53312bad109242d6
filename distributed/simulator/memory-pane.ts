import type { Look, Pane } from '../../app/core/host.ts'

/** What happens to a prompt that was entered in such a pane; the default starts a turn that never ends. */
export type Reaction = (pane: MemoryPane, prompt: string) => void

/**
 * An agent's pane without tmux and without a program, drawn in the form that rule files of simulated and of
 * scripted agents read. Whoever owns it changes it at will; everything that it was sent is kept.
 */
export class MemoryPane {
  readonly paneId: string
  readonly sessionName: string
  readonly server: string
  pid: number
  /** The name of the agent's program; its title is drawn with it. */
  command: string
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
  /** The command that a dialog asks for. */
  asked = 'rm -rf build'
  /** The options of a dialog; the first counts as an approval, the second as a denial. */
  choices = ['Yes', 'No']
  /** What the line below the composer says; null: whether a turn runs. */
  notice: string | null = null
  /** Shows a stand-in for a paste from this many characters or lines on. */
  standInFrom = { chars: Infinity, lines: Infinity }
  history: string[] = []
  /** Everything that arrived, pastes in their brackets. */
  received = ''
  prompts: string[] = []
  approvals = 0
  denials = 0
  reaction: Reaction = (pane) => (pane.busy = true)
  private drawing: { of: string; screen: Drawn } | null = null

  constructor(server: string, number: number, sessionName: string, command = 'scripted') {
    this.server = server
    this.command = command
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
    if (key === 'Enter' || (key === '1' && this.dialog !== null)) this.enter()
    else if (key === '2' && this.dialog !== null) this.refuse()
    else if (/^[0-9]$/.test(key)) this.draft += key
  }

  private refuse() {
    this.dialog = null
    this.busy = false
    this.denials++
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
      title: `${this.busy ? '◐' : '✳'} ${command.charAt(0).toUpperCase()}${command.slice(1)}`,
      alternate: true,
      cursor: this.drawn().cursor,
      historySize: 0,
      activityAt: Math.floor(at / 1000) * 1000,
    }
  }

  /** Different whenever a look would show something else; far cheaper than the look. */
  fingerprint(): string {
    const { pid, command, path, dead, inMode, inputOff, typedAt, marker } = this
    return [pid, command, path, dead, inMode, inputOff, typedAt, marker, this.drawnFrom()].join('\n')
  }

  private drawnFrom(): string {
    const { history, draft, dialog, asked, choices, notice, busy, width, height } = this
    const last = history.at(-1)
    return [history.length, last, draft, dialog, asked, ...choices, notice, busy, width, height].join('\n')
  }

  /** Drawn anew only when something changed: a host looks far more often than that. */
  private drawn(): Drawn {
    const of = this.drawnFrom()
    if (this.drawing?.of !== of) this.drawing = { of, screen: this.draw() }
    return this.drawing.screen
  }

  private draw(): Drawn {
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
    const rows = this.shownDraft().map((line, index) => `${index === 0 ? '❯' : ' '} ${line}`)
    const state = `${this.command} · ${this.busy ? 'esc to interrupt' : 'ready'}`
    return [rule, ...rows, rule, `  ${this.notice ?? state}`]
  }

  private shownDraft(): string[] {
    const lines = this.draft.split('\n')
    const { chars, lines: most } = this.standInFrom
    const isLong = this.draft.length >= chars || lines.length >= most
    return isLong ? [`[Pasted text #1 +${lines.length - 1} lines]`] : lines
  }

  private dialogRows(title: string): string[] {
    const options = this.choices.map((label, index) => ` ${index === 0 ? '❯' : ' '} ${index + 1}. ${label}`)
    return [
      '▔'.repeat(this.width),
      ` ${title}`,
      `  ${this.asked}`,
      ...options,
      ' Enter to choose · Esc to cancel',
    ]
  }
}

interface Drawn {
  rows: string[]
  cursor: { x: number; y: number; visible: boolean }
}

const bytesOf: Record<string, string> = { Enter: '\r', Escape: '\u001b', 'C-u': '\u0015', 'C-c': '\u0003' }

function firstMatch(rows: string[], pattern: string): number | null {
  const row = rows.findIndex((text) => new RegExp(pattern, 'u').test(text.trimEnd()))
  return row < 0 ? null : row
}
