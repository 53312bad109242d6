import { describe, expect, test } from 'vitest'
import { loadLibrary } from './library.ts'
import { parseLimitTime } from './limit-time.ts'
import { recordedScreens } from './recordings/load.ts'
import { readScreen } from './screen.ts'

const library = loadLibrary()
const recordings = new Map(recordedScreens().map((recording) => [recording.id, recording]))
const now = Date.UTC(2026, 10, 21, 1, 30)

function screenOf(id: string) {
  const recording = recordings.get(id)
  if (!recording) throw new Error(`no recording ${id}`)
  return recording.screen
}

function read(id: string, options: Parameters<typeof readScreen>[2] = {}) {
  return readScreen(library, screenOf(id), { now, ...options })
}

function localTime(said: string): string {
  return new Date(parseLimitTime(said, now) ?? 0).toISOString()
}

/** A Codex window whose end is a text of so many rows; the arrow says that there are more above. */
function tallDraft(count: number, below: string[], first: string) {
  const screen = screenOf('codex-0.169.0/idle-answered-01')
  const from = Number(first.slice('line '.length))
  const lines = Array.from({ length: count }, (_, at) => `line ${from + at}`)
  const arrow = from > 1 ? `${' '.repeat(110)}\u001b[2m↑\u001b[0m` : ''
  const drawn = [
    `\u001b[1m›\u001b[0m ${lines[0]}${arrow}`,
    ...lines.slice(1).map((line) => `  ${line}`),
    ...below,
  ]
  const above = screen.height - drawn.length - 1
  const welcome = ['', '  >_ OpenAI Codex (v0.169.0)', '     /home/me/project']
  const rows = [...welcome, ...Array.from({ length: above - 3 }, () => ''), ...drawn, '']
  const cursor = { x: 9, y: above + count - 1, visible: true }
  return { text: lines.join('\n'), screen: { ...screen, rows, cursor } }
}

describe('readScreen', () => {
  test('an idle agent accepts a prompt, with the rule that says so', () => {
    const reading = read('claude-2.1.329/idle-answered-01')

    expect(reading).toMatchObject({
      agent: 'claude',
      version: '2.1.329',
      state: 'idle',
      acceptsPrompt: true,
      draft: false,
      rule: 'claude/idle',
      known: true,
      composer: { text: '', pasted: false, firstRow: 37, lastRow: 37 },
    })
    expect(reading.evidence[0]).toMatchObject({
      source: 'screen',
      at: now,
      state: 'idle',
      rule: 'claude/idle',
    })
  })

  test.each([
    ['claude-2.1.329/idle-typed-multiline-01', 'line one\nline two\nline three', false],
    ['claude-2.1.329/idle-typed-pasted-01', 'line one\n[Pasted text #1 +39 lines]', true],
    ['claude-1.0.128/menu-slash-01', '/compact', false],
    ['codex-0.169.0/idle-typed-pasted-01', '[Pasted Content 2749 chars]', true],
    ['gemini-0.61.0/idle-typed-04', 'half typed text', false],
    ['opencode-1.18.33/idle-typed-03', 'half typed text', false],
    ['opencode-1.18.33/idle-typed-multiline-01', '[Pasted ~3 lines]', true],
    ['claude-2.1.329/error-500-01', '', false],
    ['opencode-1.18.33/idle-empty-04', '', false],
  ])('the composer of %s holds %j', (id, text, pasted) => {
    const { composer, draft } = read(id)

    expect(composer).toMatchObject({ text, pasted })
    expect(draft).toBe(text !== '')
  })

  test.each([
    // Claude's last line and Codex say no zone: it is this machine's.
    ['claude-2.1.329/limit-5h-01', localTime('3:29am')],
    ['codex-0.169.0/limit-usage-01', localTime('3:39 AM')],
    ['opencode-1.18.33/limit-usage-01', '2026-11-21T01:30:04.000Z'],
  ])('the limit of %s ends at %s', (id, iso) => {
    expect(new Date(read(id).limitedUntil ?? 0).toISOString()).toBe(iso)
  })

  test.each([
    ['the status line', 23, [], 'line 1'],
    ['the status line, and the hints stay', 22, ['', `${' '.repeat(95)}⚠ 1 warning · f2 to view`], 'line 1'],
    ['its own first rows', 24, [], 'line 3'],
  ])(
    'a Codex text of so many rows that it pushes away %s is in the composer',
    (_what, rows, below, first) => {
      const { text, screen } = tallDraft(rows, below, first)

      const reading = readScreen(library, screen, { agent: 'codex' })

      expect(reading).toMatchObject({ state: 'idle', acceptsPrompt: false, draft: true, known: true })
      expect(reading.composer?.text).toBe(text)
    },
  )

  test("rows like a Codex text, without the agent's cursor in them, are no composer", () => {
    const { screen } = tallDraft(23, [], 'line 1')
    const cursor = { ...screen.cursor, visible: false }

    expect(readScreen(library, { ...screen, cursor }, { agent: 'codex' }).composer).toBeNull()
  })

  test('an open history search of Codex takes no prompt', () => {
    const idle = screenOf('codex-0.169.0/idle-answered-01')
    const status = idle.rows.findLastIndex((row) => row.includes('gpt-5-codex'))
    const screen = { ...idle, rows: idle.rows.with(status + 1, '  reverse-i-search: ') }

    expect(readScreen(library, idle, { agent: 'codex' }).acceptsPrompt).toBe(true)
    expect(readScreen(library, screen, { agent: 'codex' })).toMatchObject({
      state: 'menu',
      acceptsPrompt: false,
      rule: 'codex/history-search',
    })
  })

  test('a shell below the screen of a dead agent is no agent', () => {
    expect(read('claude-2.1.329/shell-crashed-02')).toMatchObject({
      agent: null,
      state: 'not_agent',
      rule: 'none',
    })
  })

  test('where processes show the agent, a wrapper script as foreground command changes nothing', () => {
    const screen = { ...screenOf('codex-0.169.0/idle-answered-01'), command: 'bash' }

    expect(readScreen(library, screen, { agent: 'codex' })).toMatchObject({
      agent: 'codex',
      acceptsPrompt: true,
    })
    expect(readScreen(library, screen)).toMatchObject({ agent: null, acceptsPrompt: false })
  })

  test('the title of an agent on another program is no agent', () => {
    const screen = { ...screenOf('none-0/repl-node-01'), title: 'Claude Code' }

    expect(readScreen(library, screen).state).toBe('not_agent')
  })

  test('a screen that no rule knows is unknown, and nothing is typed', () => {
    const screen = { ...screenOf('claude-2.1.329/idle-answered-01'), rows: ['', 'a new release', ''] }

    const reading = readScreen(library, screen, { agent: 'claude', version: '9.0.0' })

    expect(reading).toMatchObject({ known: false, state: 'menu', acceptsPrompt: false, version: '9.0.0' })
  })

  test('a dead pane of a known agent is gone', () => {
    const screen = { ...screenOf('claude-2.1.329/idle-answered-01'), dead: true }

    expect(readScreen(library, screen, { agent: 'claude' }).state).toBe('gone')
  })

  test('an answer that ends in a composer drawn by hand leaves the real one in charge', () => {
    const screen = screenOf('claude-2.1.329/permission-bash-05')
    const line = '─'.repeat(116)
    const rows = screen.rows.with(12, `  ${line}`).with(13, '  ❯ ').with(14, `  ${line}`)

    expect(readScreen(library, { ...screen, rows }).acceptsPrompt).toBe(false)
  })
})
