// Back to the login, and from there to this page again.
export function toLogin(why) {
  const next = encodeURIComponent(location.pathname + location.search)
  location.assign(`/login?${why}=1&next=${next}`)
}
