// Panels are fetched again when one of their topics has news. At most one request per panel is under way and
// at most four start in a second; the news that came meanwhile is never lost. A hidden page waits until somebody
// looks.
import { morph } from './morph.js'
import { toLogin } from './login.js'
import { isPointerDown, onReleased } from './pressed.js'

const leastMs = 250
const topics = [
  'prompts',
  'sessions',
  'queue',
  'processes',
  'accounts',
  'nodes',
  'errors',
  'work',
  'secrets',
  'tasks',
]

htmx.defineExtension('morph', {
  isInlineSwap: () => false,
  handleSwap: (style, target, fragment) => {
    if (style !== 'morph') return false
    morph(target, fragment)
    return [target]
  },
})

for (const topic of topics) document.body.addEventListener(`topic:${topic}`, () => stale(topic))
document.addEventListener('visibilitychange', catchUp)
onReleased(catchUp)
// A page that comes back from the browser's own cache, or a computer that slept, shows the past.
addEventListener('pageshow', (event) => event.persisted && refreshAll())
document.body.addEventListener('live', (event) => event.detail?.state === 'live' && refreshAll())

document.body.addEventListener('htmx:responseError', ({ detail }) => {
  if (detail.xhr.status === 401) toLogin('ended')
})

export function refreshAll() {
  // A panel without topics is a form or a text: nothing in it becomes stale, and what was typed stays.
  for (const panel of panels()) if (panel.dataset.topics) schedule(panel)
}

const states = new WeakMap()

function catchUp() {
  for (const panel of panels()) if (states.get(panel)?.isStale) schedule(panel)
}

// It was fetched before a button was pressed.
document.body.addEventListener('htmx:beforeSwap', ({ detail }) => {
  const state = states.get(detail.target)
  if (!state || !isPointerDown() || !detail.requestConfig.headers['X-Background']) return
  detail.shouldSwap = false
  state.isStale = true
})

function panels() {
  return document.querySelectorAll('[data-panel]')
}

function stale(topic) {
  for (const panel of panels()) if (panel.dataset.topics?.split(' ').includes(topic)) schedule(panel)
}

function schedule(panel) {
  const state = states.get(panel) ?? { isStale: false, isFetching: false, lastAt: 0, timer: 0 }
  states.set(panel, state)
  state.isStale = true
  if (document.hidden || isPointerDown() || state.isFetching || state.timer) return
  const waitMs = Math.max(0, state.lastAt + leastMs - Date.now())
  state.timer = setTimeout(() => fetchAgain(panel, state), waitMs)
}

async function fetchAgain(panel, state) {
  Object.assign(state, { isStale: false, isFetching: true, lastAt: Date.now(), timer: 0 })
  try {
    await htmx.ajax('GET', panel.dataset.panel, {
      source: panel,
      target: panel,
      swap: 'morph',
      // Looking by itself is no activity of a person.
      headers: { 'X-Background': '1' },
    })
  } catch {
    // Offline: the last state stays, the connection's dot says so, and coming back fetches everything.
  } finally {
    state.isFetching = false
    if (state.isStale) schedule(panel)
  }
}

document.body.addEventListener('htmx:afterSwap', () => {
  const needs = document.querySelector('.shell-state')?.dataset.needs ?? '0'
  for (const count of document.querySelectorAll('[data-needs-count]')) {
    count.textContent = needs
    count.hidden = needs === '0'
  }
})
