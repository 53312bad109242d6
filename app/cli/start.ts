import type { Command } from 'commander'
import { startAssignerHere, startAssignerDaemon } from './assigner/start.ts'

export function addStart(program: Command) {
  program
    .command('start', { isDefault: true })
    .description('start the assigner in this terminal (what ./deploy.sh alone does)')
    .option('--daemon', 'in the background; it outlives this terminal')
    .option('--json', 'answer in JSON')
    .action((options: { daemon?: true; json?: true }) =>
      options.daemon ? startAssignerDaemon(options) : startAssignerHere(),
    )
}
