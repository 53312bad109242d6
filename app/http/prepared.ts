import type { ServerResponse } from 'node:http'

/** A reply whose JSON is made already, because many ask for the same one, or one that goes out very often. */
export class Prepared<Value> {
  /** What the JSON shows; there for its type. */
  declare readonly value: Value
  readonly #body: Buffer

  constructor(value: Value) {
    this.#body = Buffer.from(JSON.stringify(value))
  }

  /** Without an ETag: hashing the body would cost more than sending it (it is no larger than a packet or two). */
  send(response: ServerResponse): void {
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.setHeader('Content-Length', this.#body.length)
    response.end(this.#body)
  }
}
