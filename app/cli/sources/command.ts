import type { Command } from 'commander'
import { importHere, listHere } from './actions.ts'

export interface SourceOptions {
  name?: string
  key?: string
  json?: true
}

export function addSources(program: Command) {
  const sources = program
    .command('sources')
    .description('projects that lie in the code folders: find them, import one')
    .addHelpText('after', examples)
  sources
    .command('list')
    .description('the projects in the code folders, and which are imported')
    .option('--json', 'answer in JSON')
    .action((options: SourceOptions) => listHere(options))
  sources
    .command('import')
    .description('make a project of a folder below a code folder')
    .argument('<folder>')
    .option('--name <name>', 'instead of what its files say')
    .option('--key <key>', 'the ids of its work begin with it: ARC')
    .option('--json', 'answer in JSON')
    .action((folder: string, options: SourceOptions) => importHere(folder, options))
}

const examples = `
Examples:
  ./deploy.sh sources list
  ./deploy.sh sources import ~/gitrepos/shop
`
