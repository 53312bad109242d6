import { Option, type Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import { requireHere } from '../with.ts'
import { scanHere, showMilestones, startMilestoneDaemon, stopMilestones } from './actions.ts'

export interface MilestoneOptions {
  scan?: true
  project?: string
  daemon?: true
  status?: true
  stop?: true
  every?: number
  json?: true
}

export function addMilestoneWorker(program: Command) {
  program
    .command('milestone-worker')
    .description(
      'plans from TODO comments, checklists and plan files; without an option: work here, round by round',
    )
    .option('--scan', 'plan every active project now')
    .option('--project <name>', 'plan this one now: its key, name, number or folder')
    .addOption(
      new Option('--daemon', 'work in the background').conflicts([
        'scan',
        'project',
        'status',
        'stop',
        'every',
      ]),
    )
    .addOption(new Option('--status', 'whether it works, and what was planned').conflicts(['scan', 'stop']))
    .addOption(new Option('--stop', 'end the one in the background').conflicts(['scan', 'project']))
    .option('--every <minutes>', 'between two rounds in this terminal (default: 60)', (value) =>
      parseWholeNumber('--every', value, 1, 10_080),
    )
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action(act)
}

async function act(options: MilestoneOptions): Promise<void> {
  requireHere('milestone-worker')
  if (options.status) return showMilestones(options)
  if (options.stop) return stopMilestones(options)
  if (options.daemon) return startMilestoneDaemon(options)
  if (options.scan || options.project !== undefined) return scanHere(options)
  const { runMilestonesHere } = await import('./run.ts')
  return runMilestonesHere(options.every === undefined ? undefined : options.every * 60_000)
}

const examples = `
Plans are written to data/milestones, as JSON and as Markdown.

Examples:
  ./deploy.sh milestone-worker --scan
  ./deploy.sh milestone-worker --project ARC
  ./deploy.sh milestone-worker --daemon
`
