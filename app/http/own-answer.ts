import type { Request, Response } from 'express'

/** A reply that writes itself, for protocols that have their own idea of headers and streams. */
export class OwnAnswer {
  readonly write: (request: Request, response: Response) => Promise<void>

  constructor(write: OwnAnswer['write']) {
    this.write = write
  }
}
