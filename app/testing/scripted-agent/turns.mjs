import { createHash } from 'node:crypto'

/** What each dialog offers; the first option is the one that Enter takes. */
export const dialogs = {
  permission: { title: 'Allow this command?', options: ['Yes', 'No'] },
  question: { title: 'Which colour?', options: ['Red', 'Green', 'Something else'] },
  menu: { title: 'Select a model', options: ['Large', 'Small'] },
}

/** The agent's turns and dialogs. `agent` is the state that agent.mjs owns. */
export function createTurns(agent) {
  let turn = null
  let queue = []
  let number = 0
  let timers = []
  /** What goes on when the open dialog is answered; null when nothing waits for it. */
  let onAnswered = null

  return {
    submit,
    interrupt,
    openDialog,
    closeDialog,
    keyInDialog,
    chooseByText,
    startByItself: () => begin('(started by itself)', 'itself'),
    answerNow,
  }

  function submit(text) {
    const sha256 = createHash('sha256').update(text).digest('hex')
    agent.log('prompt', { text, sha256, length: text.length, queued: turn !== null })
    agent.fire('submit')
    if (turn) queue.push(text)
    else begin(text, 'prompt')
  }

  function begin(text, by) {
    turn = { number: ++number, text, by }
    agent.mode = 'busy'
    agent.history.push(`> ${text.split('\n')[0].slice(0, 200)}`)
    agent.log('turn_start', { turn: number, by })
    if (by === 'prompt') agent.record('prompt', { turn: number, text })
    if (agent.behaviour.limit) return later(agent.behaviour.thinkMs, hitLimit)
    later(agent.behaviour.thinkMs, () => (agent.behaviour.ask ? askThenAnswer() : stream()))
    agent.redraw()
  }

  function askThenAnswer() {
    openDialog(agent.behaviour.ask)
    onAnswered = stream
  }

  function stream() {
    const sha = createHash('sha256').update(turn.text).digest('hex')
    const answer = agent.behaviour.answer ?? `Done: ${turn.text.length} characters, sha256 ${sha}`
    agent.mode = 'busy'
    agent.history.push('● ')
    const pieces = answer.match(/[\s\S]{1,24}/g) ?? ['']
    for (const [index, piece] of pieces.entries()) {
      later((agent.behaviour.streamMs * index) / pieces.length, () => {
        agent.history[agent.history.length - 1] += piece
        agent.redraw()
      })
    }
    later(agent.behaviour.streamMs, () => end('completed', answer))
    agent.fire('answer')
  }

  function answerNow() {
    cancelTimers()
    stream()
  }

  function end(how, answer) {
    agent.log('turn_end', { turn: turn.number, how, answer })
    agent.record(how, {
      turn: turn.number,
      text: answer,
      tokensIn: turn.text.length,
      tokensOut: answer.length,
    })
    turn = null
    agent.mode = 'idle'
    agent.redraw()
    const next = queue.shift()
    if (next !== undefined) begin(next, 'prompt')
  }

  function interrupt() {
    if (!turn) {
      agent.log('escape', {})
      return
    }
    cancelTimers()
    queue = []
    agent.history.push('  Interrupted')
    end('interrupted', '')
  }

  function hitLimit() {
    const { resetsInMs, resumes } = agent.behaviour.limit
    const { text } = turn
    agent.limitedUntil = Date.now() + resetsInMs
    agent.behaviour.limit = null
    end('limited', '')
    later(resetsInMs, () => {
      agent.limitedUntil = 0
      agent.log('limit_over', {})
      if (resumes) begin(text, 'itself')
      agent.redraw()
    })
  }

  function openDialog(kind) {
    agent.mode = kind
    agent.choice = 0
    agent.log('dialog', { kind, ...(kind === 'permission' && { text: agent.behaviour.command }) })
    agent.redraw()
  }

  function closeDialog() {
    agent.mode = turn ? 'busy' : 'idle'
    const goOn = onAnswered
    onAnswered = null
    agent.redraw()
    goOn?.()
  }

  function keyInDialog(key) {
    const { options } = dialogs[agent.mode]
    if (key === 'Down') agent.choice = Math.min(agent.choice + 1, options.length - 1)
    if (key === 'Up') agent.choice = Math.max(agent.choice - 1, 0)
    if (key === 'Enter') choose(agent.choice)
    if (key === 'Escape') cancelDialog()
  }

  function chooseByText(text) {
    const index = Number(text) - 1
    if (dialogs[agent.mode].options[index] === undefined) agent.log('swallowed', { text })
    else choose(index)
  }

  function choose(index) {
    const option = dialogs[agent.mode].options[index]
    agent.log(option === 'Yes' ? 'APPROVED' : 'chose', {
      kind: agent.mode,
      option,
      ...(agent.mode === 'permission' && { text: agent.behaviour.command }),
    })
    if (option === 'No') cancelDialog()
    else closeDialog()
  }

  /** Refusing what a turn asks for ends the turn. */
  function cancelDialog() {
    onAnswered = null
    agent.log('dialog_cancelled', { kind: agent.mode })
    closeDialog()
    if (turn) interrupt()
  }

  function later(ms, act) {
    timers.push(setTimeout(() => act(), ms))
  }

  function cancelTimers() {
    for (const timer of timers) clearTimeout(timer)
    timers = []
  }
}
