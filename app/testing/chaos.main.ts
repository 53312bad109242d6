import { describeOutcome, runChaos, writeResults } from './chaos/report.ts'

const long = { random: 400, steps: 600, clients: 60, servers: 10 }

const outcome = await runChaos(long, (line) => console.log(line))
console.log(describeOutcome(outcome))
console.log(`\nWritten to ${writeResults(outcome.rows)}`)
if (outcome.rows.some(({ ok }) => !ok)) process.exitCode = 1
