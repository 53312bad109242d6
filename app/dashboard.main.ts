import { runDashboardProcess } from './cli/dashboard/run.ts'
import { beginProcess } from './process.ts'

beginProcess()
process.exitCode = await runDashboardProcess()
