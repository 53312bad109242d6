// Search and commands: pages and actions of this page at once, prompts and sessions from the server.
import { openDialog } from './dialogs.js'

const dialog = document.querySelector('#palette')
let found = []
let asked = 0
let at = 0

export function openPalette() {
  if (dialog.open) return
  dialog.replaceChildren(...frame())
  dialog.showModal()
  dialog.querySelector('input').focus()
  void search('')
}

function frame() {
  const input = document.createElement('input')
  Object.assign(input, {
    type: 'text',
    placeholder: 'Search everything, or say what to do',
    autocomplete: 'off',
  })
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-expanded', 'true')
  input.setAttribute('aria-controls', 'palette-list')
  input.setAttribute('aria-label', 'Search or command')
  input.addEventListener('input', () => void search(input.value))
  input.addEventListener('keydown', steer)
  const list = document.createElement('ul')
  list.id = 'palette-list'
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', 'Found')
  list.addEventListener('click', (event) => {
    const item = event.target.closest('[role=option]')
    if (item) choose(Number(item.dataset.at))
  })
  return [input, list]
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) {
    event.preventDefault()
    at = (at + step + found.length) % Math.max(1, found.length)
    show()
  }
  if (event.key === 'Enter') {
    event.preventDefault()
    choose(at)
  }
}

async function search(text) {
  const mine = ++asked
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const commands = pageCommands().filter(({ label }) =>
    words.every((word) => label.toLowerCase().includes(word)),
  )
  offer(commands)
  if (words.length === 0) return
  const response = await fetch(`/panels/search?q=${encodeURIComponent(text)}`).catch(() => null)
  if (!response?.ok || mine !== asked) return
  const part = document.createElement('template')
  part.innerHTML = await response.text()
  const links = [...part.content.querySelectorAll('a')]
  offer([
    ...commands,
    ...links.map((link) => ({
      label: link.textContent.trim(),
      hint: link.dataset.hint,
      href: link.getAttribute('href'),
    })),
  ])
}

function pageCommands() {
  const links = [...document.querySelectorAll('.rail a[data-go], a[data-dialog], [data-command]')]
  const seen = new Set()
  return links
    .map((element) => ({
      label:
        element.dataset.command ||
        element.querySelector('span')?.textContent.trim() ||
        element.textContent.trim(),
      hint: element.dataset.go ? `g ${element.dataset.go}` : (element.dataset.key ?? ''),
      href: element.getAttribute('href'),
      element,
    }))
    .filter(({ label }) => label && !seen.has(label) && seen.add(label))
}

function offer(items) {
  found = items
  at = 0
  show()
}

function show() {
  const list = dialog.querySelector('#palette-list')
  list.replaceChildren(...found.map(itemOf))
  if (found.length === 0) {
    const none = document.createElement('li')
    none.className = 'palette-none'
    none.textContent = 'Nothing by that name.'
    list.append(none)
  }
  dialog.querySelector('input').setAttribute('aria-activedescendant', found.length > 0 ? `palette-${at}` : '')
  list.children[at]?.scrollIntoView({ block: 'nearest' })
}

function itemOf({ label, hint }, index) {
  const item = document.createElement('li')
  item.id = `palette-${index}`
  item.setAttribute('role', 'option')
  item.setAttribute('aria-selected', String(index === at))
  item.dataset.at = String(index)
  const words = document.createElement('span')
  words.textContent = label
  const small = document.createElement('kbd')
  small.textContent = hint ?? ''
  item.append(words, ...(hint ? [small] : []))
  return item
}

function choose(index) {
  const { href, element } = found[index] ?? {}
  if (!href && !element) return
  dialog.close()
  if (element?.matches('a[data-dialog]')) return void openDialog(href)
  if (href) return location.assign(href)
  element.click()
}
