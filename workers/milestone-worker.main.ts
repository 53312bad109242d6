import { runMilestoneProcess } from '../app/cli/milestone-worker/run.ts'
import { beginProcess } from '../app/process.ts'

beginProcess()
process.exitCode = await runMilestoneProcess(process.argv.slice(2))
