import type { Command } from 'commander'
import { startDashboard, type StartOptions } from './dashboard/start.ts'

export function addStart(program: Command) {
  program
    .command('start', { isDefault: true })
    .description('start the dashboard and its assigner in this terminal (what ./deploy.sh alone does)')
    .option('--daemon', 'in the background; it outlives this terminal')
    .option('--ssl', 'HTTPS, with a certificate of its own (data/tls)')
    .option('--cert <file>', 'HTTPS, with this certificate (PEM) …')
    .option('--key <file>', '… and its key')
    .option('--json', 'answer in JSON')
    .action((options: StartOptions) => startDashboard(options))
}
