// The time line of a session: a slider over it says what was at that time. Dragging, clicking and arrow keys are the
// slider's own; at its end it is now.
import { serverNow } from './times.js'

document.addEventListener('input', ({ target }) => {
  if (target.matches?.('[data-scrub]')) show(target)
})
// The line grows while one looks: who stands at its end stays there.
document.body.addEventListener('htmx:afterSwap', () => {
  for (const slider of document.querySelectorAll('[data-scrub]')) {
    if (slider.dataset.at === undefined) slider.value = slider.max
    else slider.value = slider.dataset.at
  }
})

function show(slider) {
  const at = Number(slider.value)
  const isNow = at >= Number(slider.max) - Number(slider.step)
  if (isNow) delete slider.dataset.at
  else slider.dataset.at = String(at)
  const frame = slider.closest('[data-time-line]')
  const spans = [...frame.querySelectorAll('[data-from]')].filter(
    ({ dataset }) => Number(dataset.from) <= at && at <= Number(dataset.to),
  )
  const nearMs = (Number(slider.max) - Number(slider.min)) / 200
  const marks = [...frame.querySelectorAll('[data-at]:not(input)')].filter(
    ({ dataset }) => Math.abs(Number(dataset.at) - at) < nearMs,
  )
  const time = isNow ? 'now' : clock(at)
  const found = [...spans, ...marks].map(wordsOf)
  const place = frame.querySelector('output')
  place.replaceChildren(time, ...found.flatMap((words) => [' · ', words]))
  slider.setAttribute('aria-valuetext', place.textContent)
}

function wordsOf({ dataset }) {
  if (!dataset.href) return dataset.says
  const link = document.createElement('a')
  link.href = dataset.href
  link.textContent = dataset.says
  return link
}

function clock(at) {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date(serverNow()).toDateString()
  return isToday ? date.toLocaleTimeString() : date.toLocaleString()
}
