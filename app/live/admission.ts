import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import { bearerCaller } from '../http/bearer.ts'
import { addressOf, identify } from '../http/identify.ts'
import type { Web } from '../http/web.ts'
import type { LiveServer, LiveSocket } from './socket.ts'

/**
 * Lets in who has a login or a token, as HTTP does: the browser's cookie, `Authorization: Bearer …`, or
 * `auth: {token}` of the Socket.IO client.
 */
export function admitCallers(io: LiveServer, web: Web): void {
  io.engine.use(identify(web))
  io.use((socket, next) => void decide(socket, web, next))
}

async function decide(socket: LiveSocket, web: Web, next: (refusal?: Error) => void) {
  next(await admit(socket, web))
}

/** Sets who it is; returns why not. */
async function admit(socket: LiveSocket, web: Web): Promise<Error | undefined> {
  const request = socket.request as unknown as Request
  const { token } = socket.handshake.auth as { token?: unknown }
  try {
    const caller =
      typeof token === 'string' ? await bearerCaller(web, token, addressOf(request)) : request.caller
    // The token of a session is for tools, not for looking on.
    if (!caller || caller.agent) return refused
    socket.data.caller = caller
    return undefined
  } catch (error) {
    web.log.json.error({ err: error }, 'a socket could not be admitted')
    return new Error('The dashboard could not check who this is; its log tells why.')
  }
}

/** As `connect_error` gives it to the client, which then leads to the login. */
const refused = Object.assign(new Error('Log in first, or send a token.'), { data: { code: 'unauthorized' } })

/**
 * Browsers let every page open a socket to us and send our cookie along; they say the page's origin, which has
 * to be the address that was asked for. Programs say none.
 */
export function isOwnOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  // No page can set this header; behind a proxy it knows better than the address that we were asked for.
  if (headers['sec-fetch-site'] === 'same-origin') return true
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}
