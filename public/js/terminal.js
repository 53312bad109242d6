// The session's own terminal. Looking on changes nothing; the first key takes the session from automation until it
// is given back or nothing was typed for 30 s.
import { FitAddon } from '../vendor/addon-fit.js'
import { WebLinksAddon } from '../vendor/addon-web-links.js'
import { Terminal } from '../vendor/xterm.js'
import { ask, socket } from './live.js'
import { openStyled, styledDocument } from './styled-document.js'
import { toast } from './toast.js'

const id = 1
const mostKeys = 16 * 1024
const frame = document.querySelector('#terminal')
const mayType = frame.dataset.mayType === 'yes'

const parts = build()
const look = getComputedStyle(frame)
const terminal = new Terminal({
  documentOverride: styledDocument(document),
  allowProposedApi: false,
  cursorBlink: false,
  disableStdin: !mayType,
  fontFamily: look.getPropertyValue('--mono') || 'monospace',
  fontSize: 13,
  scrollback: 0,
  screenReaderMode: false,
  theme: {
    background: look.getPropertyValue('--screen-ground').trim() || '#14161b',
    foreground: look.getPropertyValue('--screen-text').trim() || '#d3d7df',
  },
})
const fitting = new FitAddon()
let mode = 'view'
let typing = null
let isFitted = false
let away = null

terminal.loadAddon(fitting)
terminal.loadAddon(new WebLinksAddon())
keepSilent()
openStyled(document, () => terminal.open(parts.body))
terminal.textarea?.setAttribute('aria-label', 'Terminal; Shift and Escape leave it')
terminal.attachCustomKeyEventHandler(ownKeys)
// Wheels would become arrow keys for the agent; the page scrolls instead.
terminal.attachCustomWheelEventHandler(() => mode === 'type' && terminal.modes.mouseTrackingMode !== 'none')
terminal.onData(type)
new ResizeObserver(scale).observe(frame)
setInterval(() => away && sayAway(), 10_000)

socket.on('connect', open)
if (socket.connected) void open()
socket.on('disconnect', () => say('The connection is lost; the screen is as it was then.'))
socket.on('terminal:data', ({ terminal: which, data, reset }) => {
  if (which !== id) return
  const drawn = () => socket.emit('terminal:ack', { terminal: id, characters: data.length })
  terminal.write(reset ? `\u001bc${data}` : data, drawn)
})
socket.on('terminal:state', (state) => state.terminal === id && take(state))
socket.on('terminal:end', ({ terminal: which, reason }) => {
  if (which !== id) return
  say(reason)
  parts.again.hidden = false
})

async function open() {
  parts.again.hidden = true
  try {
    const opened = await ask('terminal:open', { terminal: id, session: frame.dataset.session })
    isFitted = false
    take(opened)
  } catch (error) {
    say(error.message)
    parts.again.hidden = false
  }
}

function take(state) {
  if (state.mode) mode = state.mode
  if (state.columns && (state.columns !== terminal.cols || state.rows !== terminal.rows)) {
    terminal.resize(state.columns, state.rows)
    scale()
  }
  if (state.typing !== undefined) typing = state.typing
  if (state.away !== undefined) away = state.away
  showState()
  parts.fit.textContent = isFitted ? 'Give the size back' : 'Fit to my window'
}

function showState() {
  frame.dataset.typing = typing ? 'yes' : 'no'
  frame.dataset.away = away ? 'yes' : 'no'
  parts.release.hidden = !typing || !mayType
  if (away) return sayAway()
  if (typing)
    return say(
      `Automation is paused for this session: ${typing.by.join(', ')} types. It goes on 30 s after the last key.`,
    )
  say(mayType ? 'You look on. The first key pauses automation for this session.' : 'You look on.')
}

function sayAway() {
  const minutes = Math.floor((Date.now() - away.since) / 60_000)
  const since = new Date(away.since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const how = minutes < 1 ? 'has just gone away' : `has been away for ${minutes} min, since ${since}`
  say(`${away.node} ${how}; its terminal is drawn again as soon as it is back.`)
}

function type(keys) {
  if (!mayType || isReport(keys)) return
  for (let at = 0; at < keys.length; at += mostKeys) {
    ask('terminal:keys', { terminal: id, keys: keys.slice(at, at + mostKeys) }).catch((error) =>
      toast(error.message, 'failed'),
    )
  }
}

// What the terminal says by itself is no key: focus, and the mouse of one who only looks on.
function isReport(keys) {
  if (/^\u001b\[[IO]$/.test(keys)) return true
  return mode === 'view' && /^\u001b\[(?:<|M)/.test(keys)
}

// tmux asks every terminal what it is; an answer would count as typing.
function keepSilent() {
  const { parser } = terminal
  const yes = () => true
  for (const prefix of ['', '>', '='])
    parser.registerCsiHandler(prefix ? { prefix, final: 'c' } : { final: 'c' }, yes)
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, yes)
  parser.registerCsiHandler({ final: 'n' }, yes)
  parser.registerCsiHandler({ prefix: '?', final: 'n' }, yes)
  parser.registerCsiHandler({ final: 't' }, yes)
  parser.registerCsiHandler({ intermediates: '$', final: 'p' }, yes)
  parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, yes)
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, yes)
  parser.registerDcsHandler({ intermediates: '+', final: 'q' }, yes)
  for (const colour of [4, 10, 11, 12]) parser.registerOscHandler(colour, (data) => data.includes('?'))
}

// Ctrl-C copies what is selected; Shift-Escape leaves the terminal by keyboard.
function ownKeys(event) {
  if (event.type !== 'keydown') return true
  if (event.key === 'Escape' && event.shiftKey) {
    parts.history.focus()
    return false
  }
  const copies = event.ctrlKey && event.key.toLowerCase() === 'c' && terminal.hasSelection()
  if (!copies) return true
  void navigator.clipboard?.writeText(terminal.getSelection())
  terminal.clearSelection()
  event.preventDefault()
  return false
}

// The browser's own size decides about letters, never about the window: others look at it, too.
function scale() {
  const width = parts.body.clientWidth - 16
  if (width <= 0) return
  const size = isFitted ? 13 : Math.floor((width / terminal.cols / 0.602) * 2) / 2
  terminal.options.fontSize = Math.min(15, Math.max(5, size))
}

async function fit() {
  try {
    const wanted = isFitted ? null : fitting.proposeDimensions()
    const size = wanted && {
      columns: Math.max(20, wanted.cols),
      rows: Math.max(5, Math.min(300, wanted.rows)),
    }
    await ask('terminal:fit', { terminal: id, size })
    isFitted = size !== null
    take({ terminal: id })
    scale()
  } catch (error) {
    toast(error.message, 'failed')
  }
}

async function showHistory() {
  try {
    const { text } = await ask('terminal:history', { terminal: id, lines: 5_000 })
    const dialog = document.querySelector('#dialog')
    const screen = document.createElement('pre')
    screen.className = 'screen'
    screen.tabIndex = 0
    screen.textContent = text.trimEnd()
    dialog.replaceChildren(
      button('Close', () => dialog.close()),
      screen,
    )
    dialog.setAttribute('aria-label', 'Scrollback')
    dialog.showModal()
    screen.scrollTop = screen.scrollHeight
  } catch (error) {
    toast(error.message, 'failed')
  }
}

function build() {
  const bar = document.createElement('div')
  bar.className = 'terminal-bar'
  const words = document.createElement('span')
  words.className = 'terminal-words'
  words.setAttribute('role', 'status')
  const release = button('Give it back', () =>
    ask('terminal:release', { terminal: id }).catch((error) => toast(error.message, 'failed')),
  )
  const again = button('Show again', open)
  const history = button('Scrollback', showHistory)
  const fitTo = button('Fit to my window', fit)
  release.hidden = again.hidden = true
  fitTo.hidden = !mayType
  const keys = document.createElement('span')
  keys.className = 'terminal-keys'
  if (mayType) {
    for (const [label, sent] of [
      ['Esc', '\u001b'],
      ['Tab', '\t'],
      ['↑', '\u001b[A'],
      ['↓', '\u001b[B'],
      ['Ctrl-C', '\u0003'],
      ['Enter', '\r'],
    ]) {
      keys.append(button(label, () => type(sent)))
    }
  }
  bar.append(words, keys, again, release, history, fitTo)
  const body = document.createElement('div')
  body.className = 'terminal-body'
  frame.append(bar, body)
  return { words, release, again, history, fit: fitTo, body }
}

function button(text, act) {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = 'btn btn-small'
  element.textContent = text
  element.addEventListener('click', act)
  return element
}

function say(text) {
  parts.words.textContent = text
}
