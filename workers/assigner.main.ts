import { runAssignerProcess } from '../app/cli/assigner/start.ts'

process.exitCode = await runAssignerProcess()
