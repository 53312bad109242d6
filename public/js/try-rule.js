// What a rule that is being written would have changed: asked before anything of it is kept.
import { bodyOf } from './actions.js'
import { request } from './api.js'

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-try-rule]')
  if (button?.form.reportValidity()) void tryOut(button)
})

async function tryOut(button) {
  const place = document.querySelector(button.dataset.tryRule)
  const { version: _, ...rule } = bodyOf(button.form)
  const replaces = button.dataset.replaces
  button.disabled = true
  try {
    const body = { ...rule, ...(replaces && { replaces: Number(replaces) }) }
    show(place, await request('post', '/api/claude/patterns/dry-run', body))
  } catch (error) {
    place.replaceChildren(element('p', error.message, 'form-failure'))
  } finally {
    button.disabled = false
    place.hidden = false
  }
}

const mostCases = 20

function show(place, { says, looked, cases }) {
  const nothing = looked === 0 ? ' Nothing has been asked yet that it could be tried on.' : ''
  const list = document.createElement('ul')
  list.className = 'rows rows-read'
  list.append(...cases.slice(0, mostCases).map(row))
  const more = cases.length > mostCases ? `And ${cases.length - mostCases} more.` : ''
  place.replaceChildren(element('p', says + nothing, 'tried-says'), list, element('p', more, 'muted'))
}

function row({ id, before, after, reason, concern, contradicts }) {
  const item = element('li', '', 'row')
  const main = element('span', '', 'row-main')
  const link = element('a', `#${id} ${reason}`, 'row-title')
  link.href = `/interactions/${id}`
  const careful = [concern && `Careful: it ${concern}.`, contradicts && 'A person answered otherwise.']
  main.append(link, element('span', careful.filter(Boolean).join(' '), 'row-note'))
  item.append(element('span', `${before} → ${after}`, 'row-state'), main)
  return item
}

function element(name, text, className) {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
