import type { Command } from 'commander'
import { listWorkersHere } from '../task-worker/status.ts'

export function addWorkers(program: Command) {
  const workers = program.command('workers').description('who works on background tasks, here and elsewhere')
  workers
    .command('list')
    .description('task workers, what they can do and how much they did; what waits for them')
    .option('--json', 'answer in JSON')
    .action((options: { json?: true }) => listWorkersHere(options))
}
