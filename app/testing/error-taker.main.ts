import { systemClock } from '../core/clock.ts'
import { openDatabase } from '../db/open.ts'
import { openErrorIntake } from '../errors/intake.ts'

/*
 * A process of its own that takes errors of ten kinds into the database of the folder that it is given, until it is
 * killed; prints the kind of each that it would have answered for, one a line.
 */

const [dataDir, run = ''] = process.argv.slice(2)
if (!dataDir) throw new Error('Name the data folder.')

const database = await openDatabase({ dataDir })
const intake = openErrorIntake(database, systemClock, (error) => {
  throw error
})
await Promise.all(Array.from({ length: 64 }, (_, reporter) => flood(reporter)))

async function flood(reporter: number): Promise<never> {
  for (let n = reporter; ; n += 1) {
    const kind = 'abcdefghij'[n % 10]!
    const place = {
      node: `${run} ${n % 97}`,
      source: `${kind}.py`,
      stack: `at ${kind} (x.py:${n})`,
      session: null,
    }
    await intake.report(
      { ...place, errorType: 'error', message: `row ${n % 7}`, metadata: {} },
      `${run} ${reporter}`,
    )
    process.stdout.write(`${kind}\n`)
  }
}
