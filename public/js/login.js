// Back to the login, and from there to this page again; whoever asks second is on the way already.
let isLeaving = false

export function toLogin(why) {
  if (isLeaving) return
  isLeaving = true
  const next = encodeURIComponent(location.pathname + location.search)
  location.assign(`/login?${why}=1&next=${next}`)
}

// A page from the browser's own cache stays: its login may have ended again.
addEventListener('pageshow', () => (isLeaving = false))
