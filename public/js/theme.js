// Before the first paint: follows the system unless the person chose.
;(() => {
  const root = document.documentElement
  if (root.dataset.themeChoice !== 'auto') return
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => {
    if (root.dataset.themeChoice === 'auto') root.dataset.bsTheme = dark.matches ? 'dark' : 'light'
  }
  follow()
  dark.addEventListener('change', follow)
})()
