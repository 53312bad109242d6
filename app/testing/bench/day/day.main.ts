import { liveThroughDay, type DayPlan } from './day.ts'

console.log(JSON.stringify(await liveThroughDay(JSON.parse(process.argv[2] ?? '') as DayPlan)))
