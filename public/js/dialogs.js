// Links with data-dialog open their page's panel in a dialog; without this file they lead to the page.
import { toast } from './toast.js'
import { toLogin } from './login.js'

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-dialog]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  void openDialog(link.getAttribute('href'))
})

export async function openDialog(address) {
  const dialog = document.querySelector('#dialog')
  const response = await fetch(`/panels${address}`).catch(() => null)
  if (response?.status === 401) return toLogin('ended')
  if (!response?.ok) {
    const answer = await response?.json().catch(() => null)
    return toast(answer?.error?.message ?? 'The dashboard did not answer.', 'failed')
  }
  // Our own server's HTML, in which every text of people is escaped.
  dialog.innerHTML = await response.text()
  dialog.setAttribute('aria-label', dialog.querySelector('h1')?.textContent ?? 'Form')
  if (!dialog.open) dialog.showModal()
  dialog.querySelector('[autofocus]')?.focus()
  growAll(dialog)
}

// What stood in it may have been a secret.
document.querySelector('#dialog').addEventListener('close', ({ target }) => target.replaceChildren())

document.addEventListener('click', (event) => {
  const dialog = event.target.closest?.('dialog')
  if (!dialog) return
  const isClose = event.target.closest('[data-close]') !== null
  if (isClose) {
    event.preventDefault()
    dialog.close()
  }
})

// A text field grows with what is written, and Ctrl-Enter sends.
document.addEventListener('input', (event) => {
  if (event.target instanceof HTMLTextAreaElement) grow(event.target)
})
document.addEventListener('keydown', (event) => {
  const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
  if (isSend && event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit()
})

function growAll(root) {
  for (const area of root.querySelectorAll('textarea')) grow(area)
}

const mostRows = 18

function grow(area) {
  const rows = area.value.split('\n').length + 1
  area.rows = Math.min(mostRows, Math.max(Number(area.dataset.rows ?? 5), rows))
}

growAll(document)
