// Tells of what the server wants people to know while a tab is open. Asked for by a click only.
const freshMs = 120_000

document.body.addEventListener('topic:activity', ({ detail }) => {
  for (const { noun, type, at, noun_id: id, data } of detail.events) {
    // What comes after a pause is no news any more; other tabs show the same one once, by its tag.
    if (noun === 'notification' && type === 'show' && Date.now() - at < freshMs) show(id, data)
  }
})

function show(id, { title, body, path }) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  const note = new Notification(title, { body, tag: id, icon: document.querySelector('link[rel=icon]').href })
  note.addEventListener('click', () => {
    window.focus()
    if (typeof path === 'string' && /^\/(?!\/)/.test(path)) location.assign(path)
    note.close()
  })
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-allow-notifications]')
  if (button) void allow(button.parentElement.querySelector('[data-notifications-state]'))
})

async function allow(state) {
  if (!('Notification' in window)) {
    state.textContent = 'This browser has no notifications here: they need HTTPS, or localhost.'
    return
  }
  const answer = await Notification.requestPermission()
  const isAllowed = answer === 'granted'
  state.textContent = isAllowed ? 'Allowed.' : 'Not allowed; the settings of the browser can change that.'
}
