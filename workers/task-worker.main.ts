import { runTaskWorkerProcess } from '../app/cli/task-worker/run.ts'
import { beginProcess } from '../app/process.ts'

beginProcess()
process.exitCode = await runTaskWorkerProcess()
