import { describeOutcome, runChaos, writeResults } from './chaos/report.ts'
import type { Doses } from './chaos/storm.ts'

const long: Doses = { random: 400, steps: 600, clients: 60, servers: 20 }

// `npm run chaos -- 0.5`: half of everything, for a look in between.
const share = Number(process.argv[2] ?? 1)
const part = (dose: number) => Math.ceil(dose * share)
const doses = {
  random: part(long.random),
  steps: part(long.steps),
  clients: part(long.clients),
  servers: part(long.servers),
}

const outcome = await runChaos(doses, (line) => console.log(line))
console.log(describeOutcome(outcome))
console.log(`\nWritten to ${writeResults(outcome.rows)}`)
if (outcome.rows.some(({ ok }) => !ok)) process.exitCode = 1
