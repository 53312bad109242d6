import type { Command } from 'commander'
import { requireHere } from './with.ts'
import { stopEverything } from './dashboard/start.ts'

export function addStop(program: Command) {
  program
    .command('stop')
    .description('end the dashboard and the assigner; sessions and their agents go on')
    .option('--json', 'answer in JSON')
    .action((options: { json?: true }) => {
      requireHere('stop')
      return stopEverything(options)
    })
}
