import { runAssignerProcess } from '../app/cli/assigner/run.ts'

process.exitCode = await runAssignerProcess()
