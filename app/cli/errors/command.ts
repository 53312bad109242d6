import { Option, type Command } from 'commander'
import { errorStates, type ErrorState } from '../../core/reported-error.ts'
import { parseWholeNumber } from '../arguments.ts'
import { changeOne, listHere, tailHere } from './actions.ts'

export interface ErrorOptions {
  state?: ErrorState[]
  node?: string
  search?: string
  limit?: number
  json?: true
}

export function addErrors(program: Command) {
  const errors = program
    .command('errors')
    .description('errors that programs report, those of one kind together')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    errors.command(name).description(about).option('--json', 'answer in JSON')
  const filtered = (name: string, about: string) =>
    add(name, about)
      .addOption(new Option('--state <states...>', 'only these').choices(errorStates))
      .option('--node <name>', 'only what happened there')
      .option('--search <words>', 'words in type, message or source')
  filtered('list', 'what was seen last first')
    .option('--limit <n>', 'how many (default: 50)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .action(listHere)
  filtered('tail', 'errors as they come, until Ctrl-C').action(tailHere)
  for (const [event, about] of changes) {
    add(event, about)
      .argument('<id>', 'its number', (value: string) =>
        parseWholeNumber('The number of an error', value, 1, Number.MAX_SAFE_INTEGER),
      )
      .action((id: number, options: ErrorOptions) => changeOne(event, id, options))
  }
}

const changes = [
  ['resolve', 'it is fixed; it regresses when it happens again'],
  ['ignore', 'count it on, and say no more of it'],
  ['reopen', 'it is to be looked at after all'],
] as const

const examples = `
Examples:
  ./deploy.sh errors tail
  ./deploy.sh errors list --state open regressed --search timeout
  ./deploy.sh errors resolve 17
`
