// One request to the API, with its answer or the server's own sentence about why not.
import { toLogin } from './login.js'

export async function request(method, address, body) {
  const response = await fetch(address, {
    method: method.toUpperCase(),
    headers: {
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The dashboard did not answer. Try again when the connection is back.')
  })
  if (response.status === 401) toLogin('ended')
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.error?.message ?? `The dashboard answered ${response.status}.`)
  return answer
}
