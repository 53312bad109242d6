import { Option, type Command } from 'commander'
import { keyKinds, secretCategories, type KeyKind, type SecretCategory } from '../../core/secret.ts'
import { parseWholeNumber } from '../arguments.ts'
import { getHere, listHere, removeHere, rollBackHere, setHere } from './actions.ts'
import { exportHere, importHere } from './files.ts'
import { beginHere, rotateHere, sealHere, statusHere, unlockHere, verifyHere } from './master-key.ts'
import { printEnvironmentHere, runHere } from './run.ts'

export interface VaultOptions {
  category?: SecretCategory
  description?: string
  expires?: string
  secret?: string[]
  to?: KeyKind
  recipient?: string[]
  passphrase?: true
  replace?: true
  json?: true
}

export function addVault(program: Command) {
  const vault = program
    .command('vault')
    .description('secrets: stored encrypted, handed out by name, every access written down')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    vault.command(name).description(about).option('--json', 'answer in JSON')
  const category = () => new Option('--category <category>', 'what it is').choices(secretCategories)
  add('set', 'store a secret, or another value of it; the value is asked for, or read from a pipe')
    .argument('<name>')
    .addOption(category())
    .option('--description <text>', 'what it is for')
    .option('--expires <date>', 'when it ends, 2027-01-31; never: it does not')
    .action(setHere)
  add('get', 'print the value of a secret')
    .argument('<name>')
    .argument('[version]', 'an earlier value, by its number', parseVersion)
    .action(getHere)
  add('list', 'all secrets, without their values').addOption(category()).action(listHere)
  add('rm', 'delete a secret with all its versions').argument('<name>').action(removeHere)
  add('rollback', 'let an earlier value count again')
    .argument('<name>')
    .argument('<version>', 'its number, as the dashboard shows it', parseVersion)
    .action(rollBackHere)
  vault
    .command('run')
    .description('run a command with secrets in its environment')
    .option('-s, --secret <names...>', 'NAME, or VARIABLE=NAME')
    .argument('<command...>', 'after --')
    .action(runHere)
  vault
    .command('env')
    .description('print them for a shell: eval "$(./deploy.sh vault env NAME …)"')
    .argument('<names...>', 'NAME, or VARIABLE=NAME')
    .action(printEnvironmentHere)
  add('import', 'take in a .env file, all of it or nothing')
    .argument('<file>', 'lines of NAME=value')
    .addOption(category().default('env_var'))
    .option('--replace', 'give secrets that are there another value')
    .action(importHere)
  vault
    .command('export')
    .description('write all secrets, encrypted with age, to standard output')
    .option('--recipient <keys...>', 'public keys, age1…')
    .option('--passphrase', 'encrypt it with a passphrase, which is asked for')
    .action(exportHere)
  addMasterKey(add)
}

function addMasterKey(add: (name: string, about: string) => Command) {
  add('status', 'whether the vault is open, and if not, why').action(statusHere)
  add('init', 'make a vault that opens with a passphrase (without it, the key is a file)').action(beginHere)
  add('seal', 'close the vault: nobody gets anything out until it is unlocked').action(sealHere)
  add('unlock', 'open it again').action(unlockHere)
  add('rotate', 'go over to another master key, while everything stays readable')
    .addOption(new Option('--to <kind>', 'where the next key is kept').choices(keyKinds).default('file'))
    .action(rotateHere)
  add('verify', 'read the audit and every value, and name each row that is missing or was changed').action(
    verifyHere,
  )
}

function parseVersion(value: string): number {
  return parseWholeNumber('version', value, 1, 1_000_000)
}

const examples = `
Examples:
  ./deploy.sh vault set GITHUB_TOKEN --category token          asks for the value; it is not shown
  pass show github | ./deploy.sh vault set GITHUB_TOKEN
  ./deploy.sh vault run -s GITHUB_TOKEN -- gh release list
  ./deploy.sh vault import .env
  ./deploy.sh vault export --recipient age1… > vault.age       age -d -i KEY vault.age opens it
  ./deploy.sh vault verify

A value is never an argument: other users of a machine see those.
`
