import { Option, type Command } from 'commander'
import type { SessionChanges } from '../../broker/session-settings.ts'
import { UsageError } from '../failure.ts'
import { changeSession } from './change.ts'
import { listSessions } from './list.ts'

export interface SessionsOptions {
  ignore?: string
  unignore?: string
  pause?: string
  resume?: string
  tier?: 'high_level' | 'manager' | 'worker'
  tag?: string[]
  untag?: string[]
  manager?: string
  force?: true
  json?: true
}

export function addSessions(program: Command) {
  program
    .command('sessions')
    .description('list agent sessions, or change how the assigner treats one')
    .argument('[name]', 'the session for --tier, --manager, --tag and --untag')
    .option('--ignore <name>', 'never give it a prompt')
    .option('--unignore <name>', 'undo --ignore')
    .option('--pause <name>', 'give it no prompt for now')
    .option('--resume <name>', 'undo --pause')
    .addOption(new Option('--tier <tier>', 'what it is').choices(['high_level', 'manager', 'worker']))
    .option('--manager <name>', 'the session that leads it; none: nobody does')
    .option('--force', 'with --manager: take it away from the one that leads it now')
    .option('--tag <tag...>', 'add tags, for prompts sent with --tag')
    .option('--untag <tag...>', 'take tags away')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action((name: string | undefined, options: SessionsOptions) => {
      const change = chooseChange(name, options)
      return change === null ? listSessions(options) : changeSession(change.name, change.changes, options)
    })
}

function chooseChange(
  name: string | undefined,
  options: SessionsOptions,
): { name: string; changes: SessionChanges } | null {
  const { ignore, unignore, pause, resume, tier, tag, untag, manager, force } = options
  const names = [name, ignore, unignore, pause, resume].filter((given) => given !== undefined)
  const changes: SessionChanges = {
    ...(ignore !== undefined && { ignored: true }),
    ...(unignore !== undefined && { ignored: false }),
    ...(pause !== undefined && { paused: true }),
    ...(resume !== undefined && { paused: false }),
    ...(tier && { tier }),
    ...(manager !== undefined && { manager: manager === 'none' ? null : manager }),
    ...(force && { force }),
    ...(tag && { addTags: tag }),
    ...(untag && { removeTags: untag }),
  }
  const [only] = new Set(names)
  if (new Set(names).size > 1) throw new UsageError(`Only one session at a time, not ${names.join(' and ')}.`)
  if (Object.keys(changes).length === 0 && only === undefined) return null
  if (only === undefined)
    throw new UsageError(
      '--tier, --manager, --tag and --untag need the name of a session: sessions NAME --tag web.',
    )
  if (Object.keys(changes).length === 0) {
    throw new UsageError(
      `Say what to change about "${only}", for example --pause ${only}. Its state: ./deploy.sh explain ${only}`,
    )
  }
  return { name: only, changes }
}

const examples = `
Examples:
  ./deploy.sh sessions --json
  ./deploy.sh sessions --ignore my_own
  ./deploy.sh sessions dev_w1 --tier worker --tag backend
  ./deploy.sh sessions dev_w1 --manager architect
`
