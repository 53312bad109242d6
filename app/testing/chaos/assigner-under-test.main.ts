import { assignUnder, nextPlan } from './assigner-under-test.ts'

await assignUnder(await nextPlan())
process.disconnect()
