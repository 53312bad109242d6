import type { Command } from 'commander'
import { AppError } from '../../core/errors.ts'
import type { SshKey } from '../../core/ssh-key.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withSide } from '../with.ts'
import { sshKeyDesks } from './desk.ts'

interface SshKeyOptions {
  json?: true
}

export function addSshKey(program: Command) {
  const key = program
    .command('ssh-key')
    .description('the key that Architect logs in to other machines with')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    key.command(name).description(about).option('--json', 'answer in JSON')
  add('show', 'print its public half').action(showHere)
  add('create', 'make it; its private half goes into the vault').action((options: SshKeyOptions) =>
    makeHere('create', options),
  )
  add('rotate', 'make another in its place').action((options: SshKeyOptions) => makeHere('rotate', options))
}

async function showHere(options: SshKeyOptions): Promise<void> {
  await withSide(sshKeyDesks, async (desk) => {
    const current = (await desk.list()).find(({ replacedAt }) => replacedAt === null)
    if (!current)
      throw new AppError('not_found', 'There is no SSH key yet. Make one: ./deploy.sh ssh-key create')
    print(current, options)
  })
}

async function makeHere(what: 'create' | 'rotate', options: SshKeyOptions): Promise<void> {
  await withSide(sshKeyDesks, async (desk) => print(await desk[what](), options))
}

/** The line alone, so that it can be added to a file. */
function print(key: SshKey, options: SshKeyOptions): void {
  const output = openOutput(options)
  if (output.json) output.document(toJson(key))
  else output.line(key.publicKey)
}

const examples = `
Examples:
  ./deploy.sh ssh-key create
  ./deploy.sh ssh-key show | ssh pi@pi-2 'cat >> ~/.ssh/authorized_keys'
  ./deploy.sh ssh-key rotate                 the one before stays in the vault, as an earlier version
  ./deploy.sh vault get ARCHITECT_SSH_KEY    its private half, for a program that needs a file
`
