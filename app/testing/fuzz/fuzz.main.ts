import { startDashboard } from '../dashboard.ts'
import { checkDecisions } from './check-decisions.ts'
import { fuzzEnvelopes } from './envelopes.ts'

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000)
const say = (line: string) => process.stdout.write(`${line}\n`)
const secondsSince = (at: number) => Math.round((Date.now() - at) / 1_000)

const startedAt = Date.now()
const { cases, allowed, executed } = checkDecisions({ cases: 100_000, executions: 3_000, seed })
say(
  `${cases} shell texts (seed ${seed}) in ${secondsSince(startedAt)} s: ${allowed} allowed, ${executed} of them run by bash and sh, 0 wrongly allowed.`,
)

await using dashboard = await startDashboard()
const sentAt = Date.now()
const statuses = await fuzzEnvelopes({ url: dashboard.url, cases: 100_000, seed })
const counts = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`)
say(`100000 envelopes (seed ${seed}) in ${secondsSince(sentAt)} s: ${counts.join(', ')}.`)
if ([...statuses.keys()].some((status) => status >= 500)) process.exitCode = 1
