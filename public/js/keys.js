// One key for everything that one does often; `?` shows them all. Keys typed into a field or a terminal are its own.
import { openDialog } from './dialogs.js'
import { openPalette } from './palette.js'

let goingUntil = 0

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    return openPalette()
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  if (document.querySelector('dialog[open]')) return
  if (act(event.key)) event.preventDefault()
})

function act(key) {
  if (Date.now() < goingUntil) return go(key)
  if (key === 'g') return (goingUntil = Date.now() + 1_500)
  if (key === '/') return openPalette() ?? true
  if (key === '?') return showKeys() ?? true
  if (key === 'j' || key === 'k') return select(key === 'j' ? 1 : -1)
  if (key === 'Enter') return openSelected()
  if (key === 'Escape') return unselect()
  return pressNamed(key)
}

function go(key) {
  goingUntil = 0
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`)
  if (link) location.assign(link.href)
  return link !== null
}

// Whatever has data-key is one key away; the selected row's own buttons come first.
function pressNamed(key) {
  const within = document.querySelector('[data-row][aria-selected=true]') ?? document
  const wanted = `[data-key="${CSS.escape(key)}"]`
  const target = within.querySelector(wanted) ?? document.querySelector(wanted)
  if (!target) return false
  if (target.matches('a[data-dialog]')) void openDialog(target.getAttribute('href'))
  else target.click()
  return true
}

function rows() {
  return [...document.querySelectorAll('#panel [data-row]')].filter((row) => row.checkVisibility())
}

function select(step) {
  const all = rows()
  if (all.length === 0) return false
  const at = all.findIndex((row) => row.getAttribute('aria-selected') === 'true')
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))]
  mark(next, true)
  next.scrollIntoView({ block: 'nearest' })
  return true
}

function mark(row) {
  for (const other of rows()) other.removeAttribute('aria-selected')
  row?.setAttribute('aria-selected', 'true')
  row?.querySelector('a[data-open]')?.focus({ preventScroll: true })
}

function openSelected() {
  const row = document.querySelector('[data-row][aria-selected=true]')
  if (!row || document.activeElement?.matches('button, input, summary, a')) return false
  row.querySelector('a[data-open]')?.click()
  return true
}

function unselect() {
  mark(null)
  return false
}

function isTyping(target) {
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable], .xterm *')
}

export function showKeys() {
  void openDialog('/keys')
}

document.addEventListener('click', (event) => {
  if (event.target.closest?.('[data-keys-help]')) showKeys()
  if (event.target.closest?.('[data-palette]')) openPalette()
})
