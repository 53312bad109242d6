import type { EpochMs } from '../../core/clock.ts'
import type { Channel, Delivery } from '../../core/notification.ts'

/** A message before it has the form of its channel. */
export interface MessageText {
  kind: Delivery['kind']
  title: string
  body: string
  /** In the dashboard. */
  path: string
  count: number
  items: { title: string; path: string }[]
  publicUrl: string | null
}

/** Exactly what is sent, as text. */
export function payloadFor(channel: Channel, text: MessageText, now: EpochMs): string {
  if (channel.kind === 'ntfy') return JSON.stringify(ntfyMessage(channel, text))
  const { kind, title, body, path, count, items, publicUrl } = text
  if (channel.kind === 'browser') return JSON.stringify({ kind, title, body, path, count })
  const data = { title, body, count, url: linkTo(publicUrl, path), items }
  return JSON.stringify({ type: `architect.${kind}`, timestamp: new Date(now).toISOString(), data })
}

/** Five is "urgent" there, one "min". */
const priorities: Record<Delivery['kind'], number> = {
  needs_person: 4,
  node: 4,
  failed: 4,
  ready: 3,
  done: 3,
  test: 3,
}
/** ntfy shows these short codes as pictures. */
const tags: Record<Delivery['kind'], string> = {
  needs_person: 'raised_hand',
  node: 'electric_plug',
  failed: 'x',
  ready: 'twisted_rightwards_arrows',
  done: 'white_check_mark',
  test: 'bell',
}

/** As JSON, sent to the server itself: headers could not carry accents. */
function ntfyMessage({ url }: Channel, { kind, title, body, path, publicUrl }: MessageText) {
  const click = linkTo(publicUrl, path)
  return {
    topic: topicOf(url ?? ''),
    title,
    message: body || title,
    priority: priorities[kind],
    tags: [tags[kind]],
    ...(click !== null && { click }),
  }
}

/** The last part of a topic's address. */
export function topicOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? '')
}

function linkTo(publicUrl: string | null, path: string): string | null {
  return publicUrl === null ? null : `${publicUrl.replace(/\/+$/, '')}${path}`
}
