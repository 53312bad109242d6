import type { Command } from 'commander'
import { nearest } from '../core/nearest.ts'
import { UsageError } from './failure.ts'
import { requireHere } from './with.ts'
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
    .allowExcessArguments()
    .action((options: StartOptions, { args: [word] }: Command) => {
      if (word !== undefined) throw noCommand(word, program)
      requireHere('start')
      return startDashboard(options)
    })
}

/** A word that is no command comes here, because this is what runs without one. */
function noCommand(word: string, { commands }: Command): UsageError {
  const names = commands.map((command) => command.name())
  return new UsageError(
    `There is no command "${word}". ${nearest(word, names)} ./deploy.sh --help shows them all.`,
  )
}
