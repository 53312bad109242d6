import { claimingSession } from './claiming.ts'
import { claimNextPrompt } from '../db/claims.ts'
import { recordPhase } from '../db/attempts.ts'
import { openDatabase, type Database } from '../db/open.ts'
import { advancePrompt, submitPrompt } from '../db/prompts.ts'
import { settle, type Settlement } from '../db/settle.ts'

/*
 * A process of its own that writes to the database of the folder that it is given: `cycle` runs prompts through
 * the queue until it is killed and prints the id of each that was stored; `claim` claims until nothing is left.
 */

const [dataDir, mode] = process.argv.slice(2)
if (!dataDir) throw new Error('Name the data folder.')

await using database = await openDatabase({ dataDir })
if (mode === 'claim') await claimAll(database)
else await Promise.all(Array.from({ length: 8 }, (_, writer) => cycle(database, writer)))

async function cycle(database: Database, writer: number) {
  const session = claimingSession({ sessionKey: `pi/default/%${writer}` })
  for (let now = 1; ; now += 1) {
    const { prompt } = await database.write((db) => submitPrompt(db, { content: 'x'.repeat(5_000) }, now))
    process.stdout.write(`${prompt.id}\n`)
    const claimed = await database.write((db) => claimNextPrompt(db, session, { owner: 'w', until: 1 }, now))
    if (!claimed) continue
    const { attempt } = claimed
    await database.write(async (db) => {
      await recordPhase(db, attempt, 'submitted', { at: now })
      await advancePrompt(db, attempt.promptId, 'start', {}, now)
    })
    const settlement: Settlement = {
      attempt: { ...attempt, outcome: 'completed', fields: {} },
      prompt: { id: attempt.promptId, event: 'finish', changes: {} },
    }
    await database.write((db) => settle(db, settlement, now))
  }
}

async function claimAll(database: Database) {
  for (;;) {
    const session = claimingSession({ sessionKey: `pi/default/%${process.pid}` })
    const claimed = await database.write((db) => claimNextPrompt(db, session, { owner: 'w', until: 1 }, 1))
    if (!claimed) return
    process.stdout.write(`${claimed.prompt.id}\n`)
  }
}
