// The log of a run that goes on: what is new is asked for each second while the page is looked at.
import { request } from './api.js'

const everyMs = 1_000
const mostShown = 1_500_000

setInterval(() => document.hidden || void more(), everyMs)

let isAsking = false

async function more() {
  const place = document.querySelector('[data-task-log]')
  if (!place || isAsking) return
  isAsking = true
  try {
    const { taskLog: id, run, from } = place.dataset
    const { parts } = await request('get', `/api/tasks/${id}/logs?run=${run}&from=${from}`)
    if (place.dataset.from === from) append(place, parts)
  } finally {
    isAsking = false
  }
}

function append(place, parts) {
  if (parts.length === 0) return
  const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40
  let at = Number(place.dataset.from)
  for (const part of parts) {
    const cut = part.at > at ? `\n[… ${(part.at - at).toLocaleString('en')} bytes are not kept …]\n` : ''
    place.append(cut + part.text)
    at = part.at + part.bytes
  }
  place.dataset.from = at
  if (place.textContent.length > mostShown) place.textContent = place.textContent.slice(-mostShown / 2)
  if (isAtEnd) place.scrollTop = place.scrollHeight
}
