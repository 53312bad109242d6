// Makes a panel equal to what the server sent and touches only what differs: rows keep their place, focus,
// selection, scroll positions and open menus stay. What changed in an element with data-flash flashes once.

export function morph(target, fragment) {
  syncChildren(target, fragment)
}

function syncChildren(old, fresh) {
  const keyed = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]))
  let at = old.firstChild
  for (const wanted of fresh.childNodes) {
    const match = matchOf(wanted, at, keyed)
    if (match) {
      if (match !== at) old.insertBefore(match, at)
      else at = at.nextSibling
      syncNode(match, wanted)
    } else {
      const added = document.importNode(wanted, true)
      old.insertBefore(added, at)
      if (added.nodeType === Node.ELEMENT_NODE) flash(added)
    }
  }
  while (at) {
    const next = at.nextSibling
    at.remove()
    at = next
  }
}

function matchOf(wanted, at, keyed) {
  if (wanted.id) return keyed.get(wanted.id) ?? null
  for (let node = at; node; node = node.nextSibling) {
    if (node.nodeType === wanted.nodeType && node.nodeName === wanted.nodeName && !node.id) return node
    if (node.nodeType === Node.ELEMENT_NODE) return null
  }
  return null
}

function syncNode(old, wanted) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== wanted.nodeValue) {
      old.nodeValue = wanted.nodeValue
      flash(old.parentElement)
    }
    return
  }
  if (old.hasAttribute('data-keep') || isSameTime(old, wanted)) return
  syncAttributes(old, wanted)
  if (old === document.activeElement && 'value' in old) return
  syncChildren(old, wanted)
}

// Its text and title are the browser's own (times.js).
function isSameTime(old, wanted) {
  return (
    old instanceof HTMLTimeElement &&
    old.dateTime === wanted.getAttribute('datetime') &&
    old.dataset.time === wanted.getAttribute('data-time')
  )
}

// Set here and not by the server: a morph leaves them.
const own = new Set(['open', 'data-flashing', 'aria-selected'])

function syncAttributes(old, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (!own.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
  for (const name of old.getAttributeNames()) {
    if (!own.has(name) && !wanted.hasAttribute(name)) old.removeAttribute(name)
  }
}

function flash(element) {
  const row = element?.closest?.('[data-flash]')
  if (!row) return
  row.removeAttribute('data-flashing')
  requestAnimationFrame(() => row.setAttribute('data-flashing', ''))
}
