import { runTaskWorkerProcess } from '../app/cli/task-worker/run.ts'

process.exitCode = await runTaskWorkerProcess()
