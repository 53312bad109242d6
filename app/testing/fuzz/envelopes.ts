import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { Agent, request } from 'undici'

export interface EnvelopeFuzz {
  /** Of a dashboard, without a slash at the end. */
  url: string
  cases: number
  seed: number
}

/** Requests under way at once. */
const atOnce = 16

/** Sends envelopes and events that are more or less broken; returns how often each status came. */
export async function fuzzEnvelopes({ url, cases, seed }: EnvelopeFuzz): Promise<Map<number, number>> {
  const random = randomOf(seed)
  const statuses = new Map<number, number>()
  const agent = new Agent({ connections: atOnce })
  let left = cases
  const work = async () => {
    while (left > 0) {
      left -= 1
      const { path, body, encoding } = makeCase(random)
      const headers = encoding === '' ? {} : { 'content-encoding': encoding }
      const answer = await request(url + path, { method: 'POST', body, headers, dispatcher: agent })
      await answer.body.dump()
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await agent.close()
  return statuses
}

type Random = (most: number) => number

/** A generator of Lehmer's: the same numbers for the same seed. */
function randomOf(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1
  return (most) => {
    state = (state * 48_271) % 2_147_483_647
    return state % most
  }
}

function makeCase(random: Random) {
  const isStore = random(4) === 0
  const whole = Buffer.from(isStore ? eventText(random, 0) : envelopeText(random))
  const body = random(3) === 0 ? broken(whole, random) : whole
  const [encoding, pack] = encodings[random(encodings.length)]!
  const packed = pack(body)
  const sent = random(10) === 0 ? broken(packed, random) : packed
  return { path: `/api/${random(3)}/${isStore ? 'store' : 'envelope'}/`, body: sent, encoding }
}

const encodings: [string, (body: Buffer) => Buffer][] = [
  ['', (body) => body],
  ['', (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['deflate', (body) => deflateRawSync(body)],
  ['br', (body) => brotliCompressSync(body, { params: { 1: 1 } })],
  ['gzip', (body) => body],
  ['zstd', (body) => body],
]

function envelopeText(random: Random): string {
  const lines = [
    random(10) === 0 ? '' : JSON.stringify({ event_id: String(random(1e6)), dsn: value(random, 0) }),
  ]
  for (let item = random(4); item >= 0; item -= 1) {
    const payload = eventText(random, 0)
    const length = [undefined, Buffer.byteLength(payload), random(100), -1, 1e18, '5'][random(6)]
    const type = ['event', 'event', 'event', 'session', 'transaction', value(random, 2)][random(6)]
    lines.push(JSON.stringify({ type, length }), payload)
  }
  return lines.join('\n')
}

const fields = [
  'message',
  'logentry',
  'exception',
  'level',
  'server_name',
  'tags',
  'extra',
  'contexts',
  'event_id',
  'transaction',
]
const inner = [
  'values',
  'type',
  'value',
  'stacktrace',
  'frames',
  'filename',
  'function',
  'lineno',
  '__proto__',
  'formatted',
]

function eventText(random: Random, depth: number): string {
  const event: Record<string, unknown> = {}
  for (let count = random(6); count >= 0; count -= 1)
    event[fields[random(fields.length)]!] = value(random, depth)
  return JSON.stringify(event)
}

const words = [
  '',
  'boom',
  '\0',
  '\ud800',
  '{"a":1}',
  'password=x',
  '<b>',
  'user 17',
  '\n',
  'Ω'.repeat(300),
  "'; drop table errors",
]

function value(random: Random, depth: number): unknown {
  const kind = random(depth > 4 ? 4 : 7)
  if (kind === 0) return words[random(words.length)]
  if (kind === 1) return [0, -1, 1e308, random(1e9), 0.1][random(5)]
  if (kind === 2) return [null, true, false][random(3)]
  if (kind === 3) return words[random(words.length)]!.repeat(random(50))
  if (kind === 4) return Array.from({ length: random(4) }, () => value(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: random(5) }, () => [inner[random(inner.length)]!, value(random, depth + 1)]),
  )
}

/** Cut, with a byte changed, or with a piece twice. */
function broken(body: Buffer, random: Random): Buffer {
  if (body.length === 0) return body
  const at = random(body.length)
  const way = random(3)
  if (way === 0) return body.subarray(0, at)
  if (way === 1) return Buffer.concat([body.subarray(0, at), body.subarray(random(body.length))])
  const changed = Buffer.from(body)
  changed[at] = random(256)
  return changed
}
