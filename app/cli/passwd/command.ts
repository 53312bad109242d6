import type { Command } from 'commander'
import { requireHere } from '../with.ts'
import { changePassword } from './change.ts'

export interface PasswdOptions {
  random?: true
  json?: true
}

export function addPasswd(program: Command) {
  program
    .command('passwd')
    .description("give a user of the dashboard another password; all the user's logins end")
    .argument('[user]', "whose password; the only user's, or architect's, when not given")
    .option('--random', 'make one up and show it')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action((user: string | undefined, options: PasswdOptions) => {
      requireHere('passwd')
      return changePassword(user, options)
    })
}

const examples = `
Asks for the password twice; in a pipe, the first line of standard input is the password.

Examples:
  ./deploy.sh passwd
  ./deploy.sh passwd ann --random
`
