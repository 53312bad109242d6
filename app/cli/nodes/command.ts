import type { Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import {
  addOne,
  inviteOne,
  listAll,
  maintainOne,
  remove,
  revokeOne,
  rotateKeyOf,
  showOne,
} from './actions.ts'

export function addNodes(program: Command) {
  const nodes = program
    .command('nodes')
    .description('the machines of the cluster: invite, look, shut out')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    nodes.command(name).description(about).option('--json', 'answer in JSON')
  add('list', 'all machines')
    .option('--tag <tag>', 'only those with this tag')
    .option('--search <text>', 'only those with this in name, address, model or tags')
    .action(listAll)
  add('show', 'one machine with its keys and alerts').argument('<node>', 'its number or name').action(showOne)
  add('invite', 'let one machine join within 15 minutes; prints the command to run there')
    .option('--name <node>', 'only under this name; also for a machine that shall come back')
    .option('--tag <tags...>', 'what it is tagged with')
    .option('--url <address>', 'how it reaches this dashboard (default: by the address of this machine)')
    .action(inviteOne)
  add('add', 'a machine without a node agent, whose script posts heartbeats')
    .argument('<name>')
    .option('--tag <tags...>', 'what it is tagged with')
    .action(addOne)
  add('rotate-key', 'replace the key of a machine')
    .argument('<node>', 'its number or name')
    .action(rotateKeyOf)
  add('revoke', 'shut a machine out at once')
    .argument('<node>', 'its number or name')
    .option('--reason <text>', 'why')
    .action(revokeOne)
  add('maintenance', 'no alerts and no new prompts for a while')
    .argument('<node>', 'its number or name')
    .option('--minutes <minutes>', 'for how long', minutes, 60)
    .option('--end', 'it is over')
    .action(maintainOne)
  add('remove', 'forget a machine that is gone')
    .argument('[node]', 'its number or name')
    .option('--simulated', 'all those of ./deploy.sh simulate instead')
    .action(remove)
}

const minutes = (value: string) => parseWholeNumber('--minutes', value, 1, 525_600)

const examples = `
Examples:
  ./deploy.sh nodes invite --tag pi
  ./deploy.sh nodes list
  ./deploy.sh nodes maintenance pi-2 --minutes 30
  ./deploy.sh nodes revoke pi-3 --reason "it was stolen"
  ./deploy.sh nodes remove --simulated
`
