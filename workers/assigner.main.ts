import { runAssignerProcess } from '../app/cli/assigner/run.ts'
import { beginProcess } from '../app/process.ts'

beginProcess()
process.exitCode = await runAssignerProcess()
