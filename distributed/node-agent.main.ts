import { runNodeAgentProcess } from '../app/cli/node-agent/run.ts'
import { beginProcess } from '../app/process.ts'

beginProcess()
process.exitCode = await runNodeAgentProcess()
