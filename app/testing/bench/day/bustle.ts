import type { Database } from '../../../db/open.ts'

/** What takes real time, so that simulated time has to wait for it: writes, and programs such as git. */
export class Bustle {
  /** The same database, with its writes counted. */
  readonly database: Database
  #writes = 0
  readonly #pipesAtRest = openPipes()

  constructor(database: Database) {
    this.database = this.#counted(database)
  }

  #counted(database: Database): Database {
    return {
      kysely: database.kysely,
      dialect: database.dialect,
      dataDir: database.dataDir,
      bus: database.bus,
      by: (actor) => this.#counted(database.by(actor)),
      write: async (work) => {
        this.#writes += 1
        try {
          return await database.write(work)
        } finally {
          this.#writes -= 1
        }
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  }

  isGoingOn(): boolean {
    return this.#writes > 0 || openPipes() > this.#pipesAtRest
  }
}

/** A program that was started is over when its pipes are closed as well. */
function openPipes(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap' || name === 'PipeWrap')
    .length
}
