// Menus are <details>: one is open at a time, a click elsewhere or Escape closes it. The theme's switch is in one.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false
  }
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const menu = document.querySelector('details.menu[open]')
  if (!menu) return
  menu.open = false
  menu.querySelector('summary')?.focus()
})

document.addEventListener('click', (event) => {
  const choice = event.target.closest?.('[data-theme]')?.dataset.theme
  if (!choice) return
  const yearS = 31_536_000
  document.cookie = `architect.theme=${choice}; path=/; max-age=${yearS}; samesite=lax`
  const root = document.documentElement
  root.dataset.themeChoice = choice
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  root.dataset.bsTheme = choice === 'auto' ? system : choice
  for (const button of document.querySelectorAll('[data-theme]')) {
    button.setAttribute('aria-pressed', String(button.dataset.theme === choice))
  }
})

// Lists' filters work as plain forms; with this file a change of a choice is enough.
document.addEventListener('change', (event) => {
  const form = event.target.closest?.('form[data-filter]')
  if (form && event.target.matches('select, [type=checkbox], [type=radio]')) form.requestSubmit()
})
// Empty fields stay out of the address.
document.addEventListener('submit', (event) => {
  if (!event.target.matches?.('form[data-filter]')) return
  for (const field of event.target.elements) if (field.name && field.value === '') field.disabled = true
})
