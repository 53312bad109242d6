// A sentence that says what was done, or why not; failures stay until they are closed.
const shownMs = 5_000

export function toast(text, kind = 'done') {
  const item = document.createElement('div')
  item.className = `message message-${kind}`
  const words = document.createElement('span')
  words.textContent = text
  const close = document.createElement('button')
  close.type = 'button'
  close.className = 'btn btn-quiet'
  close.textContent = 'Close'
  close.addEventListener('click', () => item.remove())
  item.append(words, close)
  document.querySelector('#toasts').append(item)
  if (kind === 'done') setTimeout(() => item.remove(), shownMs)
}
