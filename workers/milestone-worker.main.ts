import { runMilestoneProcess } from '../app/cli/milestone-worker/run.ts'

process.exitCode = await runMilestoneProcess(process.argv.slice(2))
