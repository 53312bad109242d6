import { Option, type Command } from 'commander'
import { projectStatuses, type ProjectStatus } from '../../core/project.ts'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { severities, workStatuses, type Severity, type WorkKind, type WorkStatus } from '../../core/work.ts'
import { parseWholeNumber } from '../arguments.ts'
import { addItem, listItems, setItem, showItem } from './items.ts'
import { addProject, listProjectsHere, setProject, showProject } from './projects.ts'
import { searchHere } from './search.ts'

export interface WorkOptions {
  json?: true
  limit?: number
  project?: string
  title?: string
  description?: string
  status?: WorkStatus
  priority?: number
  severity?: Severity
  assignee?: string
  search?: string
}

export interface ProjectOptions {
  json?: true
  key?: string
  name?: string
  description?: string
  dir?: string
  repository?: string
  status?: ProjectStatus
}

const kinds: [string, WorkKind, string][] = [
  ['features', 'feature', 'features of your projects'],
  ['bugs', 'bug', 'bugs of your projects'],
  ['devops-tasks', 'devops_task', 'devops tasks of your projects'],
]

/** `projects`, `features`, `bugs`, `devops-tasks` and `search`. */
export function addWork(program: Command) {
  addProjects(program)
  for (const [noun, kind, about] of kinds) addKind(program, noun, kind, about)
  program
    .command('search')
    .description('work, comments, milestones, projects, errors, prompts and documentation with these words')
    .argument('[words...]', 'each may be the beginning of one')
    .option('--rebuild', 'make the index anew')
    .option('--json', 'answer in JSON')
    .action(searchHere)
}

function addProjects(program: Command) {
  const projects = program
    .command('projects')
    .description('what you work on: folders, keys, what is done')
    .addHelpText('after', projectExamples)
  const add = (name: string, about: string) =>
    projects.command(name).description(about).option('--json', 'answer in JSON')
  const worded = (name: string, about: string) =>
    add(name, about)
      .option('--description <markdown>')
      .option('--dir <folder>', 'its folder on the machine of the dashboard')
      .option('--repository <url>')
  add('list', 'by name, without those that are archived').action(listProjectsHere)
  add('show', 'one of them').argument('<id>', 'its number or key').action(showProject)
  worded('add', 'a new one').argument('<name>').option('--key <key>', 'as ARC').action(addProject)
  worded('set', 'change what is said')
    .argument('<id>', 'its number or key')
    .option('--name <name>')
    .addOption(new Option('--status <status>').choices(projectStatuses))
    .action(setProject)
}

function addKind(program: Command, noun: string, kind: WorkKind, about: string) {
  const command = program.command(noun).description(about).addHelpText('after', workExamples(noun))
  const add = (name: string, does: string) =>
    command.command(name).description(does).option('--json', 'answer in JSON')
  const status = () => new Option('--status <status>').choices(workStatuses)
  const worded = (name: string, does: string) => {
    const made = add(name, does)
      .option('--description <markdown>')
      .option('--priority <n>', 'of 0 to 10', (value) =>
        parseWholeNumber('--priority', value, minPriority, maxPriority),
      )
      .option('--assignee <who>', 'user:NAME or session:NAME')
    return kind === 'bug' ? made.addOption(new Option('--severity <how>').choices(severities)) : made
  }
  add('list', 'highest priority first')
    .addOption(status())
    .option('--project <id>', 'its number or key')
    .option('--assignee <who>', 'user:NAME or session:NAME')
    .option('--search <words>', 'words in title or description')
    .option('--limit <n>', 'how many (default: 50)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .action((options: WorkOptions) => listItems(kind, options))
  add('show', 'one of them').argument('<id>', 'its number or key').action(showItem)
  worded('add', 'a new one')
    .argument('<title>')
    .requiredOption('--project <id>', 'number or key of its project')
    .action((title: string, options: WorkOptions) => addItem(kind, title, options))
  worded('set', 'change what is said')
    .argument('<id>', 'its number or key')
    .option('--title <title>')
    .addOption(status())
    .action(setItem)
}

const projectExamples = `
Examples:
  ./deploy.sh projects add "Web shop" --key SHOP --dir ~/code/shop
  ./deploy.sh projects set SHOP --status archived
`

function workExamples(noun: string): string {
  return `
Examples:
  ./deploy.sh ${noun} list --project SHOP --status open
  ./deploy.sh ${noun} add "Pay by card" --project SHOP --priority 5
  ./deploy.sh ${noun} set SHOP-12 --status done
`
}
