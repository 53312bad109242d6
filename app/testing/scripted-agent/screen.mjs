import { dialogs } from './turns.mjs'

/** The title, as an escape sequence: a spinner while a turn runs. */
export function titles({ mode, limitedUntil }) {
  const title = mode === 'busy' ? '◐ Scripted' : '✳ Scripted'
  return `\u001b]2;${limitedUntil > 0 ? '✳ Scripted' : title}\u0007`
}

/** The whole screen in one write: conversation, then composer and footer, or a dialog in their place. */
export function draw(agent, columns, rows) {
  const isDialog = dialogs[agent.mode] !== undefined
  const composer = isDialog ? null : drawComposer(agent, columns)
  const below = isDialog ? drawDialog(agent, columns) : composer.rows
  const room = Math.max(0, rows - below.length)
  const above = agent.history.flatMap((line) => wrap(line, columns)).slice(-room)
  const all = [...above, ...Array(Math.max(0, room - above.length)).fill(''), ...below].slice(-rows)
  const cursor = composer
    ? `\u001b[${rows - composer.rows.length + composer.cursorRow};${composer.cursorColumn}H\u001b[?25h`
    : '\u001b[?25l'
  return `\u001b[?25l\u001b[H${all.map((row) => `${row}\u001b[K`).join('\r\n')}${cursor}`
}

function drawComposer({ draft, mode, limitedUntil }, columns) {
  const text = draft.map((piece) => piece.shown ?? piece.text).join('')
  const lines = wrap(text, columns - 2).slice(-10)
  const rule = '─'.repeat(columns)
  const rows = lines.map((line, index) => `${index === 0 ? '❯' : ' '} ${line}`)
  return {
    rows: [rule, ...rows, rule, footerOf(mode, limitedUntil)],
    cursorRow: 1 + lines.length,
    cursorColumn: Math.min(columns, 3 + widthOf(lines.at(-1))),
  }
}

function footerOf(mode, limitedUntil) {
  const seconds = Math.max(1, Math.ceil((limitedUntil - Date.now()) / 1000))
  if (limitedUntil > 0) return `  Usage limit reached · resets in ${seconds}s`
  return mode === 'busy' ? '  scripted · esc to interrupt' : '  scripted · ready'
}

function drawDialog({ mode, choice, behaviour }, columns) {
  const { title, options } = dialogs[mode]
  const body = mode === 'permission' ? `  ${behaviour.command}` : ''
  const rows = options.map((option, index) => ` ${index === choice ? '❯' : ' '} ${index + 1}. ${option}`)
  return ['▔'.repeat(columns), ` ${title}`, body, ...rows, ' Enter to choose · Esc to cancel']
}

/** Rows of at most `columns` cells. */
function wrap(text, columns) {
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
}

function wrapLine(line, columns) {
  const rows = ['']
  let used = 0
  for (const character of line) {
    const width = widthOf(character)
    if (used + width > columns) {
      rows.push('')
      used = 0
    }
    rows[rows.length - 1] += character
    used += width
  }
  return rows
}

/** Cells that a terminal uses, near enough for what tests write. */
function widthOf(text) {
  let cells = 0
  for (const character of text) cells += widthOfOne(character.codePointAt(0))
  return cells
}

function widthOfOne(code) {
  if (code === 0x200d || (code >= 0x300 && code < 0x370) || (code >= 0xfe00 && code < 0xfe10)) return 0
  return (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xffe7) || code >= 0x1f300 ? 2 : 1
}
