import { runNodeAgentProcess } from '../app/cli/node-agent/run.ts'

process.exitCode = await runNodeAgentProcess()
