// What happens, as it happens: one socket for the whole page. A topic with news is an event `topic:NAME` on the
// body, the state of the connection an event `live`. After a pause the server is asked for what was missed.
import { io } from '../vendor/socket.io.js'
import { toLogin } from './login.js'

const topics = [
  'prompts',
  'sessions',
  'queue',
  'processes',
  'accounts',
  'nodes',
  'errors',
  'work',
  'secrets',
  'tasks',
  'activity',
]

export const socket = io({
  transports: ['websocket'],
  reconnectionDelay: 300,
  reconnectionDelayMax: 5_000,
})

/** Sends an event; resolves with the answer, rejects with a sentence. */
export async function ask(name, payload) {
  const answer = await socket.timeout(10_000).emitWithAck(name, payload)
  if (answer?.error) throw Object.assign(new Error(answer.error.message), answer.error)
  return answer
}

const connection = document.querySelector('#connection')
let cursor = null
let lostAt = null
let isEnded = false

socket.on('connect', async () => {
  say('catching up')
  try {
    const answer = await ask('follow', { topics, cursor })
    cursor ??= answer.cursor
    lostAt = null
    say('live')
  } catch {
    socket.disconnect().connect()
  }
})

socket.on('events', (message, taken) => {
  cursor = message.cursor
  if (message.reset) for (const topic of topics) announce(topic, [])
  const byTopic = Map.groupBy ? Map.groupBy(message.events, ({ topic }) => topic) : grouped(message.events)
  for (const [topic, events] of byTopic) announce(topic, events)
  taken()
})

socket.on('disconnect', (reason) => {
  lostAt ??= Date.now()
  say('lost')
  // What the server ends is not taken up again by itself.
  if (reason === 'io server disconnect' && !isEnded) setTimeout(() => socket.connect(), 1_000)
})
socket.on('connect_error', (error) => {
  if (error.data?.code === 'unauthorized') return toLogin('ended')
  lostAt ??= Date.now()
  say('lost')
  // A refused handshake is not tried again by itself.
  if (!socket.active) setTimeout(() => socket.connect(), 2_000)
})
socket.on('ended', () => {
  isEnded = true
  toLogin('ended')
})

// A computer that slept notices late that its connection is gone.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !socket.connected) socket.connect()
})
addEventListener('online', () => socket.connected || socket.connect())

function announce(topic, events) {
  document.body.dispatchEvent(new CustomEvent(`topic:${topic}`, { detail: { events } }))
}

function grouped(events) {
  const groups = new Map()
  for (const event of events) groups.set(event.topic, [...(groups.get(event.topic) ?? []), event])
  return groups
}

function say(state) {
  document.body.dispatchEvent(new CustomEvent('live', { detail: { state } }))
  if (!connection) return
  connection.dataset.state = state
  const time = lostAt && new Date(lostAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const text = state === 'lost' ? `lost since ${time}` : state
  connection.querySelector('.connection-text').textContent = text
  connection.title =
    state === 'lost' ? `No connection since ${time}; this page shows what was then.` : `Connection: ${state}`
}
