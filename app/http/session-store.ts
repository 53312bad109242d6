import { callbackify } from 'node:util'
import session, { type SessionData } from 'express-session'
import type { Clock } from '../core/clock.ts'
import { hashSecret } from '../accounts/secret.ts'
import { isOver } from '../accounts/timeout.ts'
import { endLogins, findLogin, startLogin, type BrowserLogin } from '../db/account/logins.ts'
import type { Database } from '../db/open.ts'

declare module 'express-session' {
  interface SessionData {
    /** Whose session it is; set on what the store finds. */
    login?: BrowserLogin
    /** Set by a login: what the store makes a row of, once. */
    begins?: { userId: number; userName: string; address: string; userAgent: string }
  }
}

interface StoreContext {
  database: Database
  clock: Clock
  config: { sessionTimeoutMs: number }
}

/**
 * Browser sessions for express-session, a row each. Only a login makes one and nothing changes one afterwards,
 * so that a request that is under way when its session ends can't bring it back. Without `touch`: activity is
 * not what express-session takes for it.
 */
export class LoginStore extends session.Store {
  readonly #context: StoreContext

  constructor(context: StoreContext) {
    super()
    this.#context = context
  }

  get(id: string, done: (error: unknown, found?: SessionData | null) => void): void {
    callbackify(() => this.#find(id))(done)
  }

  set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    callbackify(() => this.#start(id, data))((error) => done?.(error))
  }

  destroy(id: string, done?: (error?: unknown) => void): void {
    callbackify(() => this.#end(id))((error) => done?.(error))
  }

  async #find(id: string): Promise<SessionData | null> {
    const { database, clock, config } = this.#context
    const login = await findLogin(database.kysely, hashSecret(id))
    if (!login || isOver(login, config, clock.now())) return null
    return { cookie: { originalMaxAge: null }, login }
  }

  async #start(id: string, data: SessionData) {
    const { begins } = data
    if (!begins) return
    const { clock } = this.#context
    const login = { secretHash: hashSecret(id), ...begins }
    await this.#writingAs(begins).write((db) => startLogin(db, login, clock.now()))
    delete data.begins
  }

  async #end(id: string) {
    const { database, clock } = this.#context
    const login = await findLogin(database.kysely, hashSecret(id))
    if (!login) return // it was nobody's
    await this.#writingAs(login).write((db) => endLogins(db, { id: login.id }, 'logout', clock.now()))
  }

  #writingAs({ userName: name, address }: { userName: string; address: string }): Database {
    return this.#context.database.by({ kind: 'user', name, address })
  }
}
