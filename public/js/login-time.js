// How long this login lasts, in the bar; five minutes before its end a dialog asks whether to stay. Asking the server
// is no activity, so a page that nobody uses still ends.
import { request } from './api.js'
import { stopwatch } from './times.js'

const place = document.querySelector('#time-left')
const dialog = document.querySelector('#staying')
const askEveryMs = 60_000

let endsAt = null
let warnAtMs = 0
let hasDismissed = false

async function ask(method, address) {
  const body = method === 'post' ? {} : undefined
  const session = await request(method, address, body).catch(() => null)
  if (!session || session.seconds_left === null) return
  endsAt = Date.now() + session.seconds_left * 1000
  warnAtMs = session.warn_at_seconds * 1000
  if (endsAt - Date.now() > warnAtMs) {
    hasDismissed = false
    dialog.close()
  }
  show()
}

function show() {
  if (endsAt === null) return
  const leftMs = endsAt - Date.now()
  // The server's clock decides: its answer to one who is logged out leads to the login (api.js).
  if (leftMs <= 0) {
    void ask('get', '/api/session')
    return
  }
  place.hidden = false
  place.textContent =
    leftMs >= 3_600_000
      ? `${Math.floor(leftMs / 3_600_000)} h`
      : leftMs > 120_000
        ? `${Math.ceil(leftMs / 60_000)} min`
        : stopwatch(leftMs)
  dialog.querySelector('[data-left]').textContent = stopwatch(leftMs)
  if (leftMs <= warnAtMs && !dialog.open && !hasDismissed) dialog.showModal()
}

// Escape: whoever closes it without an answer is not asked again before the end.
dialog.addEventListener('cancel', () => (hasDismissed = true))
dialog.querySelector('[data-stay]').addEventListener('click', () => {
  void ask('post', '/api/session/extend').then(() => dialog.close())
})

void ask('get', '/api/session')
setInterval(show, 1000)
setInterval(() => void ask('get', '/api/session'), askEveryMs)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void ask('get', '/api/session')
})
// Whatever the person does on this page may have prolonged the login.
document.body.addEventListener('architect:done', () => void ask('get', '/api/session'))
