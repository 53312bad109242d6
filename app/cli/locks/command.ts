import type { Command } from 'commander'
import { installHookHere, removeHookHere } from './hook.ts'
import { checkHere, listHere, readyHere, releaseHere, takeHere } from './actions.ts'

export interface LockOptions {
  session?: string
  branch?: string
  dir?: string
  note?: string
  all?: true
  json?: true
}

export function addLocks(program: Command) {
  const locks = program
    .command('locks')
    .description('who works on which branch and files of a shared repository')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    locks
      .command(name)
      .description(about)
      .option('--dir <folder>', 'folder of the project (default: this one)')
      .option('--json', 'answer in JSON')
  add('list', 'what is locked, here or (--all) in every project')
    .option('--all', 'all projects of this machine')
    .action(listHere)
  add('take', 'register a session with its branch, lock files, folders and patterns for it')
    .argument('[paths...]', 'what nobody else shall change meanwhile')
    .option('--session <name>', 'for whom (default: the session that this runs in)')
    .option('--branch <name>', 'its branch (default: the one that is checked out)')
    .action(takeHere)
  add('check', 'exit code 1 when somebody else has one of these')
    .argument('[paths...]')
    .option('--session <name>', 'who asks')
    .option('--branch <name>', 'check this name against the convention, too')
    .action(checkHere)
  add('release', 'give up some paths, or all with the registration')
    .argument('[paths...]')
    .option('--session <name>', 'whose (default: the session that this runs in)')
    .action(releaseHere)
  add('ready', "tell people that a session's branch can be merged")
    .option('--session <name>', 'whose (default: the session that this runs in)')
    .option('--note <text>', 'what they should know')
    .action(readyHere)
  add('install-hook', 'refuse commits on protected branches and of files that others have locked').action(
    installHookHere,
  )
  add('remove-hook', 'take that hook away again').action(removeHookHere)
}

const examples = `
Examples:
  ./deploy.sh locks take --session dev_w1 --branch feature/carts-1121 src/cart/ README.md
  ./deploy.sh locks check --session dev_w2 src/cart/total.ts
  ./deploy.sh locks ready --session dev_w1 && ./deploy.sh locks release --session dev_w1

With ARCHITECT_URL, --dir and paths are those of that machine, and --session has to be given.
`
