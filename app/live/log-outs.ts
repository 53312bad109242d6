import { isOver } from '../accounts/timeout.ts'
import { messageOf } from '../core/errors.ts'
import type { LoggedEvent } from '../core/event.ts'
import { openLogins, openTokens } from '../db/account/open-logins.ts'
import type { Caller } from '../http/caller.ts'
import type { Web } from '../http/web.ts'
import type { LiveServer, LiveSocket } from './socket.ts'

/** Logins end by time as well, of which no event tells at once; roles change. In ms. */
const checkEveryMs = 1_000

/** Ends sockets together with the login or token that they came in by. */
export class LogOuts implements Disposable {
  readonly #io: LiveServer
  readonly #web: Web
  readonly #timer: NodeJS.Timeout
  #isChecking = false

  constructor(io: LiveServer, web: Web) {
    this.#io = io
    this.#web = web
    this.#timer = setInterval(() => void this.#check(), checkEveryMs)
  }

  /** The end of a login is told by an event, whichever process ended it. */
  notice(events: readonly LoggedEvent[]): void {
    const ended = new Set(events.filter(isEnd).map(({ nounId }) => nounId))
    if (ended.size === 0) return
    for (const socket of this.#sockets()) if (ended.has(socket.data.caller.login)) cut(socket)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #sockets(): LiveSocket[] {
    return [...this.#io.of('/').sockets.values()]
  }

  async #check() {
    if (this.#isChecking || this.#sockets().length === 0) return
    this.#isChecking = true
    try {
      const worth = await this.#worthOf(this.#sockets().map(({ data }) => data.caller))
      for (const socket of this.#sockets()) {
        const now = worth.get(socket.data.caller.login)
        if (now === 'ended') cut(socket)
        else if (now) Object.assign(socket.data.caller, now)
      }
    } catch (error) {
      this.#web.log.json.warn({ err: error }, `logins could not be checked: ${messageOf(error)}`)
    } finally {
      this.#isChecking = false
    }
  }

  /** By login: what it may do now, or that it has ended. */
  async #worthOf(callers: Caller[]): Promise<Map<string, Partial<Caller> | 'ended'>> {
    const { database, clock, config } = this.#web
    const now = clock.now()
    const sessions = await openLogins(database.kysely, idsOf(callers, 'session:'))
    const tokens = await openTokens(database.kysely, idsOf(callers, 'token:'))
    const worth = new Map<string, Partial<Caller> | 'ended'>()
    for (const { login, expiresAt } of callers) {
      if (!login.startsWith('user:')) worth.set(login, 'ended')
      else if (expiresAt !== null && expiresAt <= now) worth.set(login, 'ended')
    }
    for (const { id, userId, role, createdAt, activeAt } of sessions) {
      const session = { id, userId, createdAt, activeAt, confirmedAt: createdAt, address: '', userAgent: '' }
      if (!isOver(session, config, now)) worth.set(`session:${id}`, { role })
    }
    for (const { id, role, scopes, expiresAt } of tokens) {
      if (expiresAt === null || expiresAt > now) worth.set(`token:${id}`, { role, scopes })
    }
    return worth
  }
}

const isEnd = ({ noun, type }: LoggedEvent) => noun === 'login' && type === 'end'

/** The client hears why, so that it leads to the login instead of coming back. */
function cut(socket: LiveSocket) {
  socket.emit('ended', {})
  socket.disconnect(true)
}

function idsOf(callers: Caller[], prefix: string): number[] {
  const logins = callers.map(({ login }) => login).filter((login) => login.startsWith(prefix))
  return [...new Set(logins)].map((login) => Number(login.slice(prefix.length)))
}
