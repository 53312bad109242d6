// Live screens: whatever has data-screen="SESSION" and is in view shows that session's screen. Text stays text.
import { ask, socket } from './live.js'

const drawn = new Map()
const inView = new Set()
let asked = ''
let timer = 0

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inView.add(target)
    else inView.delete(target)
  }
  watchSoon()
})

socket.on('screens', ({ screens }, taken) => {
  for (const screen of screens) {
    drawn.set(screen.session, screen)
    for (const element of elements()) if (element.dataset.screen === screen.session) draw(element, screen)
  }
  taken()
})
socket.on('connect', () => {
  asked = ''
  watchSoon()
})
document.addEventListener('visibilitychange', watchSoon)

// Panels change under us: what came is observed, what went is forgotten.
new MutationObserver(observeAll).observe(document.body, { childList: true, subtree: true })
observeAll()

function elements() {
  return document.querySelectorAll('[data-screen]')
}

function observeAll() {
  for (const element of inView) if (!element.isConnected) inView.delete(element)
  for (const element of elements()) {
    if (element.dataset.observed === element.dataset.screen) continue
    element.dataset.observed = element.dataset.screen
    seen.observe(element)
    const known = drawn.get(element.dataset.screen)
    if (known) draw(element, known)
  }
  watchSoon()
}

function watchSoon() {
  timer ||= setTimeout(watch, 100)
}

function watch() {
  timer = 0
  if (!socket.connected) return
  const wanted = document.hidden
    ? []
    : [...inView].filter((each) => each.isConnected).map((each) => each.dataset.screen)
  const sessions = [...new Set(wanted)].toSorted((a, b) => (a < b ? -1 : 1)).slice(0, 200)
  const now = sessions.join('\n')
  if (now === asked) return
  asked = now
  ask('screens:watch', { sessions }).catch(() => (asked = ''))
}

function draw(element, { rows }) {
  const last = rows.findLastIndex((runs) => runs.some(([text]) => text.trim() !== ''))
  const lines = rows.slice(0, last + 1).flatMap((runs) => [...runs.map(spanOf), '\n'])
  // The end is where agents ask and are asked; who scrolled up to read stays there.
  const isRead = element.tabIndex >= 0 && element.scrollTop + element.clientHeight < element.scrollHeight - 4
  element.replaceChildren(...lines)
  if (!isRead || element.dataset.follows === undefined) element.scrollTop = element.scrollHeight
  element.dataset.follows = 'yes'
}

function spanOf([text, classes]) {
  if (classes === '') return text
  const span = document.createElement('span')
  span.className = classes
  span.textContent = text
  return span
}
