// sum.mjs TALLY...: names what failed and what passed only the second time, and closes with "N passed, M failed".
// A stage that left no tally counts as failed.
import { existsSync, readFileSync } from 'node:fs'

const tallies = process.argv
  .slice(2)
  .map((path) =>
    existsSync(path)
      ? JSON.parse(readFileSync(path, 'utf8'))
      : { passed: 0, failed: [`${path}: this stage ended without a tally`], again: [] },
  )
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
const failed = tallies.flatMap((tally) => tally.failed)

for (const test of tallies.flatMap((tally) => tally.again)) console.log(`passed when tried again: ${test}`)
for (const test of failed) console.log(`FAILED: ${test}`)
console.log(`${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0
