// A question before something that cannot be taken back; Escape means no.
export function ask(question, yes) {
  const dialog = document.querySelector('#ask')
  const text = document.createElement('p')
  text.id = 'ask-text'
  text.textContent = question
  const form = document.createElement('form')
  form.method = 'dialog'
  form.className = 'form-actions'
  form.append(buttonOf('Back', '', 'btn'), buttonOf(yes, 'yes', 'btn btn-danger'))
  dialog.replaceChildren(text, form)
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

function buttonOf(text, value, className) {
  const button = document.createElement('button')
  Object.assign(button, { value, className, textContent: text })
  return button
}
