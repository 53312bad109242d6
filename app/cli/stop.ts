import type { Command } from 'commander'
import { stopAssigner } from './assigner/start.ts'

export function addStop(program: Command) {
  program
    .command('stop')
    .description('end the assigner; sessions and their agents go on')
    .option('--json', 'answer in JSON')
    .action((options: { json?: true }) => stopAssigner(options))
}
