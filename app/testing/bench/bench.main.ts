import { loadavg } from 'node:os'
import { runBenches } from './run.ts'

console.log(`load average: ${loadavg()[0]!.toFixed(1)}`)
process.exitCode = await runBenches(process.argv.slice(2))
