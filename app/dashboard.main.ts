import { runDashboardProcess } from './cli/dashboard/run.ts'

process.exitCode = await runDashboardProcess()
