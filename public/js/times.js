// Keeps times current: how long ago, how long it runs, how much is left. Once a second, text only where it changed.

const words = {
  ago: (at, now) => age(now - at),
  running: (at, now) => stopwatch(now - at),
  left: (at, now) => stopwatch(at - now),
  moment: (at, now) => moment(at, now),
}

export function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export function stopwatch(ms) {
  const total = Math.max(0, Math.floor(ms / 1000))
  const two = (value) => String(value).padStart(2, '0')
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor(total / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`
}

function moment(at, now) {
  const date = new Date(at)
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const isToday = date.toDateString() === new Date(now).toDateString()
  return isToday ? time : `${date.toLocaleDateString('sv')} ${time}`
}

// The server's clock counts where this one is off by more than a request may take.
const saidAt = Number(document.querySelector('meta[name="server-now"]')?.content ?? Date.now())
const offMs = Math.abs(saidAt - Date.now()) > 5_000 ? saidAt - Date.now() : 0
export const serverNow = () => Date.now() + offMs

function update() {
  if (document.hidden) return
  const now = serverNow()
  for (const element of document.querySelectorAll('time[data-time]')) {
    const at = Date.parse(element.dateTime)
    const text = words[element.dataset.time]?.(at, now)
    if (text !== undefined && element.textContent !== text) element.textContent = text
    if (!element.dataset.local) {
      element.title = new Date(at).toLocaleString()
      element.dataset.local = 'yes'
    }
  }
}

update()
setInterval(update, 1000)
document.addEventListener('visibilitychange', update)
document.body.addEventListener('htmx:afterSwap', update)
