/*
 * A program that behaves like a coding agent in a terminal, as far as delivery can tell the difference: it has
 * a composer, dialogs in place of it, turns, a title, and every bad habit that real agents were seen with.
 * `node agent.mjs FOLDER [--continue]`: FOLDER/behaviour.json says what it does and may change at any time;
 * FOLDER/log.jsonl is the witness of what it received; FOLDER/transcript.jsonl is the record that it keeps.
 * Plain JavaScript on Node's builtins, so that a test's pane is up in about a tenth of a second.
 */
import { appendFileSync, existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { createKeyReader } from './keys.mjs'
import { draw, titles } from './screen.mjs'
import { createTurns } from './turns.mjs'

const folder = process.argv[2]
const defaults = {
  thinkMs: 60,
  streamMs: 60,
  answer: null,
  ask: null,
  command: 'rm -rf build',
  strandEnters: 0,
  redrawLateMs: 0,
  startMs: 0,
  placeholderFrom: { chars: 800, lines: 4 },
  transcript: false,
  alternate: true,
  limit: null,
  events: [],
  revision: 0,
}

process.title = 'scripted'
const agent = {
  behaviour: readBehaviour(),
  /** 'idle', 'busy', or the kind of the dialog that is open. */
  mode: 'idle',
  /** Pieces of what stands in the composer: `{ text }`, or `{ text, shown }` for a long paste. */
  draft: [],
  history: [],
  choice: 0,
  limitedUntil: 0,
  log,
  record,
  fire,
  redraw: scheduleRedraw,
}
const turns = createTurns(agent)
let fired = new Set()
let redrawTimer = null

setTimeout(start, agent.behaviour.startMs)

function start() {
  process.stdout.write(`${agent.behaviour.alternate ? '\u001b[?1049h' : ''}\u001b[?2004h`)
  process.stdin.setRawMode(true)
  const readKeys = createKeyReader({ onPaste, onText, onKey })
  process.stdin.on('data', (chunk) => {
    log('bytes', { base64: chunk.toString('base64') })
    readKeys(chunk)
  })
  process.stdout.on('resize', redraw)
  watch(folder, (_change, file) => file === 'behaviour.json' && changeBehaviour())
  if (process.argv.includes('--continue')) resume()
  log('started', {})
  changeBehaviour()
  setInterval(() => agent.limitedUntil > 0 && redraw(), 250)
}

function onPaste(text) {
  if (agent.mode !== 'idle' && agent.mode !== 'busy') return log('swallowed', { text })
  const lines = text.split('\n').length
  const { chars, lines: most } = agent.behaviour.placeholderFrom
  const isLong = text.length >= chars || lines >= most
  const number = agent.draft.filter(({ shown }) => shown !== undefined).length + 1
  agent.draft.push(isLong ? { text, shown: `[Pasted text #${number} +${lines - 1} lines]` } : { text })
  log('pasted', { text })
  fire('paste')
  setTimeout(redraw, agent.behaviour.redrawLateMs)
}

function onText(text) {
  if (agent.mode !== 'idle' && agent.mode !== 'busy') return turns.chooseByText(text)
  agent.draft.push({ text })
  scheduleRedraw()
}

function onKey(key) {
  if (agent.mode !== 'idle' && agent.mode !== 'busy') turns.keyInDialog(key)
  else if (key === 'Enter') enter()
  else if (key === 'C-u') agent.draft = []
  else if (key === 'BSpace') agent.draft = [{ text: draftText().slice(0, -1) }]
  else if (key === 'Escape' || key === 'C-c') turns.interrupt()
  scheduleRedraw()
}

function enter() {
  fire('enter')
  const text = draftText()
  if (text === '') return log('empty_enter', {})
  if (agent.behaviour.strandEnters > 0) {
    agent.behaviour.strandEnters--
    return log('stranded', {})
  }
  if (text.endsWith('\\')) {
    agent.draft = [{ text: `${text.slice(0, -1)}\n` }]
    return log('newline', {})
  }
  agent.draft = []
  if (/^\/[a-z]+(?:\s|$)/.test(text)) return command(text.trim())
  turns.submit(text.trimEnd())
}

function command(text) {
  if (text === '/clear') agent.history = []
  else agent.history.push(`  Unknown command: ${text}`)
  log('command', { text })
}

function draftText() {
  return agent.draft.map(({ text }) => text).join('')
}

/** Starts what `behaviour.events` holds for this moment; each of them once. */
function fire(moment) {
  for (const [index, event] of agent.behaviour.events.entries()) {
    const key = `${agent.behaviour.revision}.${index}`
    if (event.on !== moment || fired.has(key)) continue
    fired.add(key)
    if (event.afterMs === undefined) act(event)
    else setTimeout(() => act(event), event.afterMs)
  }
}

function act(event) {
  if (event.do === 'type') agent.draft.push({ text: event.text })
  if (event.do === 'clear_draft') agent.draft = []
  if (event.do === 'dialog') turns.openDialog(event.kind)
  if (event.do === 'command') agent.behaviour.command = event.text
  if (event.do === 'close_dialog') turns.closeDialog()
  if (event.do === 'turn') turns.startByItself()
  if (event.do === 'answer') turns.answerNow()
  if (event.do === 'exit') quit(1)
  if (event.do === 'kill') process.kill(process.pid, 'SIGKILL')
  log('event', { event })
  redraw()
}

function quit(code) {
  process.stdout.write('\u001b[?2004l\u001b[?1049l\u001b[?25h', () => process.exit(code))
}

function readBehaviour() {
  const file = join(folder, 'behaviour.json')
  return { ...defaults, ...(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) }
}

function changeBehaviour() {
  const behaviour = readBehaviour()
  if (behaviour.revision !== agent.behaviour.revision) fired = new Set()
  agent.behaviour = behaviour
  redraw()
  log('told', { revision: behaviour.revision })
  fire('now')
}

function resume() {
  const file = join(folder, 'transcript.jsonl')
  const count = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0
  agent.history.push(`  Resumed a conversation of ${count} records`)
  log('resumed', { records: count })
}

/** Keys that arrive together are shown together. */
function scheduleRedraw() {
  redrawTimer ??= setTimeout(redraw, 5)
}

function redraw() {
  clearTimeout(redrawTimer)
  redrawTimer = null
  process.stdout.write(titles(agent) + draw(agent, process.stdout.columns, process.stdout.rows))
}

function log(type, data) {
  append('log.jsonl', { at: Date.now(), pid: process.pid, type, ...data })
}

function record(type, data) {
  if (agent.behaviour.transcript) append('transcript.jsonl', { at: Date.now(), type, ...data })
}

function append(file, line) {
  appendFileSync(join(folder, file), `${JSON.stringify(line)}\n`)
}
