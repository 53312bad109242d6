import type { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { authorise } from '../http/caller.ts'
import { failureOf } from '../http/failures.ts'
import type { Access } from '../http/route.ts'
import type { Live } from './live.ts'
import type { LiveSocket } from './socket.ts'
import { untakenCharacters } from './untaken.ts'

/** Something that a client sends, checked. */
export interface SocketCall<Payload> {
  payload: Payload
  socket: LiveSocket
  live: Live
}

/**
 * One event that clients may send, declared once like a route: who may, with what, and what answers. The answer
 * goes to the client's acknowledgement: what `handle` returns, or `{error: {code, message}}`.
 */
export interface SocketEvent {
  name: string
  summary: string
  access: Exclude<Access, string>
  payload: z.ZodType
  handle: (call: SocketCall<unknown>) => unknown
}

export function defineSocketEvent<Payload>(declaration: {
  name: string
  summary: string
  access: SocketEvent['access']
  payload: z.ZodType<Payload>
  handle: (call: SocketCall<Payload>) => unknown
}): SocketEvent {
  return { ...declaration, handle: declaration.handle as SocketEvent['handle'] }
}

/** Messages of one client in one second; whoever sends more is cut off. */
const perSecond = 1_000
/** Whoever goes on asking without taking the answers is cut off, in characters. */
const mostUntaken = 16 * 1024 * 1024

/** Answers everything that a client sends; what is not declared is refused by name. */
export function answerEvents(socket: LiveSocket, live: Live, events: readonly SocketEvent[]): void {
  const byName = new Map(events.map((event) => [event.name, event]))
  let [second, count] = [0, 0]
  socket.onAny((name: unknown, ...values: unknown[]) => {
    const now = Math.floor(live.web.clock.now() / 1000)
    ;[second, count] = now === second ? [second, count + 1] : [now, 1]
    if (count > perSecond || untakenCharacters(socket) > mostUntaken) return socket.disconnect(true)
    const answer = values.at(-1)
    const reply = typeof answer === 'function' ? (answer as (value: unknown) => void) : () => undefined
    perform(byName.get(String(name)), String(name), values[0], socket, live).then(reply, (error: unknown) =>
      reply(refusal(error, String(name), live)),
    )
    return undefined
  })
}

async function perform(
  event: SocketEvent | undefined,
  name: string,
  payload: unknown,
  socket: LiveSocket,
  live: Live,
): Promise<unknown> {
  if (!event) throw new AppError('not_found', `There is no event ${JSON.stringify(name.slice(0, 50))}.`)
  authorise(event.access, socket.data.caller)
  const checked = event.payload.parse(typeof payload === 'function' ? undefined : payload)
  return (await event.handle({ payload: checked, socket, live })) ?? {}
}

/** A fault of ours goes to the log and is not described. */
function refusal(error: unknown, name: string, { web }: Live) {
  const { status, code, message } = failureOf(error)
  if (status === 500) web.log.json.error({ err: error, event: name }, 'an event of a socket failed')
  return { error: { code, message } }
}
