import { Option, type Command } from 'commander'
import { serviceAccountStatuses, type ServiceAccountStatus } from '../../core/service-account.ts'
import { parseWholeNumber } from '../arguments.ts'
import { addAccount, listAccounts, removeAccount, setAccount, showAccount } from './actions.ts'

export interface AccountOptions {
  service?: string
  login?: string
  node?: string
  status?: ServiceAccountStatus
  description?: string
  /** Name of a secret; false: none. */
  secret?: string | false
  search?: string
  limit?: number
  json?: true
}

export function addAccounts(program: Command) {
  const accounts = program
    .command('accounts')
    .description('logins at services of others: which, on which machine, and what opens them')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    accounts.command(name).description(about).option('--json', 'answer in JSON')
  const ofOne = (name: string, about: string) => add(name, about).argument('<id>', 'its number', parseId)
  const worded = (command: Command) =>
    command
      .option('--node <name>', 'the machine that uses it; without one, all of them')
      .addOption(new Option('--status <status>').choices(serviceAccountStatuses))
      .option('--description <text>')
      .option('--secret <name>', 'what opens it, in the vault')
  add('list', 'by service and login name')
    .option('--service <name>', 'only there')
    .option('--node <name>', 'only what it uses by itself')
    .addOption(new Option('--status <status>').choices(serviceAccountStatuses))
    .option('--search <words>', 'words in service, login name or description')
    .option('--limit <n>', 'how many (default: 200)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .action(listAccounts)
  ofOne('show', 'one of them').action(showAccount)
  worded(add('add', 'write a login down').argument('<service>', 'as github').argument('<login>')).action(
    addAccount,
  )
  worded(ofOne('set', 'change what is said of it'))
    .option('--service <name>')
    .option('--login <name>')
    .option('--no-secret', 'nothing in the vault opens it')
    .action(setAccount)
  ofOne('rm', 'forget it; its secret stays in the vault').action(removeAccount)
}

const parseId = (value: string) =>
  parseWholeNumber('The number of an account', value, 1, Number.MAX_SAFE_INTEGER)

const examples = `
Examples:
  ./deploy.sh accounts add github build-bot --secret GITHUB_TOKEN
  ./deploy.sh accounts add anthropic me@example.com --node pi-1 --description "the small plan"
  ./deploy.sh accounts set 2 --status limited
  ./deploy.sh accounts list --service anthropic
`
