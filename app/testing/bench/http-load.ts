import { connect } from 'node:net'

/** As many as a busy dashboard has open. */
const connections = 32

/**
 * Requests per second that a server answers over `connections` kept-alive connections, each with one request at
 * a time. Reads no more of an answer than its status and length, so that the server is what is measured.
 */
export async function requestsPerSecond(
  port: number,
  request: string | (() => string),
  ms: number,
): Promise<number> {
  const next = typeof request === 'string' ? () => request : request
  const until = performance.now() + ms
  const startedAt = performance.now()
  const counts = await Promise.all(Array.from({ length: connections }, () => askUntil(port, next, until)))
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - startedAt) / 1_000)
}

/** How long each of `count` requests in a row took, in ms. */
export async function answerTimes(port: number, request: string, count: number): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < count; n += 1) {
    const startedAt = performance.now()
    await askUntil(port, () => request, 0)
    times.push(performance.now() - startedAt)
  }
  return times
}

export function getRequest(path: string, headers: Record<string, string>): string {
  const lines = Object.entries(headers).filter(([, value]) => value !== '')
  return [
    `GET ${path} HTTP/1.1`,
    'Host: bench',
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')
}

export function postRequest(path: string, body: string): string {
  const head = [`POST ${path} HTTP/1.1`, 'Host: bench', 'Content-Type: application/json']
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}

/** At least one request; returns how many were answered with 200. */
function askUntil(port: number, next: () => string, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(next()))
    let answered = 0
    let missing = 0
    socket.setNoDelay(true)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      if (missing === 0) missing = lengthOf(chunk)
      if (Number.isNaN(missing)) {
        socket.destroy(new Error(chunk.toString().slice(0, 400)))
        return
      }
      missing -= chunk.length
      if (missing > 0) return
      answered += 1
      if (performance.now() < until) socket.write(next())
      else socket.end(() => resolve(answered))
    })
  })
}

/** Bytes of the whole answer, by its head, which comes in one piece; NaN when it is no 200. */
function lengthOf(head: Buffer): number {
  const text = head.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(text)
  return text.startsWith('HTTP/1.1 200') && end > 0 && length ? end + 4 + Number(length[1]) : Number.NaN
}
