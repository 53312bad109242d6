#!/usr/bin/env node
import { runCli } from './cli/run.ts'
import { beginProcess } from './process.ts'

beginProcess()
process.exitCode = await runCli(process.argv.slice(2))
