import { Option, type Command } from 'commander'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { taskLimits, taskStates, type TaskState } from '../../core/task.ts'
import { parseWholeNumber } from '../arguments.ts'
import { addHere, changeHere, listHere, logHere, showHere } from './actions.ts'

export interface ListOptions {
  state?: TaskState[]
  type?: string
  node?: string
  search?: string
  limit?: number
  json?: true
}

export interface AddOptions {
  data?: string
  name?: string
  dir?: string
  node?: string
  secret?: string[]
  priority?: number
  retries?: number
  within?: number
  after?: string
  key?: string
  follow?: true
  json?: true
}

export interface LogOptions {
  run?: number
  follow?: true
  json?: true
}

const whole = (flag: string, least: number, most: number) => (value: string) =>
  parseWholeNumber(flag, value, least, most)
const id = whole('The number of a task', 1, Number.MAX_SAFE_INTEGER)

export function addTasks(program: Command) {
  const tasks = program
    .command('tasks')
    .description('background tasks: commands, scripts, git, tests, builds, for task workers')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    tasks.command(name).description(about).option('--json', 'answer in JSON')
  add('list', 'the newest first')
    .addOption(new Option('--state <states...>', 'only these').choices(taskStates))
    .option('--type <type>', 'only of this type')
    .option('--node <name>', 'only those for this node')
    .option('--search <words>', 'letters of its name or type')
    .option('--limit <n>', 'how many (default: 50)', whole('--limit', 1, 200))
    .action(listHere)
  add('show', 'one task with its runs').argument('<id>', 'its number', id).action(showHere)
  addAdd(add)
  add('cancel', 'take it out of the queue; when it runs, its programs are ended')
    .argument('<id>', 'its number', id)
    .action((task: number, options: LogOptions) => changeHere('cancel', task, options))
  add('retry', 'send a failed or cancelled one again')
    .argument('<id>', 'its number', id)
    .action((task: number, options: LogOptions) => changeHere('retry', task, options))
  add('logs', 'what its programs wrote')
    .argument('<id>', 'its number', id)
    .addOption(
      new Option('--run <n>', 'of an earlier run')
        .argParser(whole('--run', 1, 1_000_000))
        .conflicts('follow'),
    )
    .option('--follow', 'as it is written, until the task is over; ends with 1 when it failed')
    .action(logHere)
}

function addAdd(add: (name: string, about: string) => Command) {
  const { maxRetries, timeoutMs } = taskLimits
  add('add', 'hand in a task')
    .argument('<type>', 'shell, python, git, deploy, test, build, tmux, or one of your own')
    .argument(
      '[words...]',
      'the command; a script with its arguments; an operation. After -- they may begin with -',
    )
    .option('--data <json>', 'what words can\'t say: \'{"operation": "clone", "url": "…"}\'')
    .option('--name <name>', 'for people')
    .option(
      '--dir <folder>',
      "the working folder, on the worker's machine (default: an empty one of its own)",
    )
    .option('--node <name>', 'only a worker of this node')
    .option('--secret <names...>', 'of the vault, into its environment: NAME, or VARIABLE=NAME')
    .option(
      '--priority <n>',
      `${minPriority} to ${maxPriority}`,
      whole('--priority', minPriority, maxPriority),
    )
    .option('--retries <n>', 'how often it is tried again when it fails', whole('--retries', 0, maxRetries))
    .option('--within <seconds>', 'it is ended after this', whole('--within', 1, timeoutMs / 1_000))
    .option('--after <when>', 'not before: 30m, 2h, 3d from now; 18:30; or a date and time')
    .option('--key <key>', 'a second one with this key is the first one')
    .option('--follow', 'write its log as it comes, and end as it does: with 1 when it failed')
    .action(addHere)
}

const examples = `
Examples:
  ./deploy.sh tasks add shell 'make clean && make' --dir ~/shop --follow
  ./deploy.sh tasks add test --dir ~/shop --name 'Tests of the shop'
  ./deploy.sh tasks add git pull --dir ~/shop --node pi-1
  ./deploy.sh tasks add deploy ./release.sh staging --secret GITHUB_TOKEN --dir ~/shop
  ./deploy.sh tasks list --state failed
  ./deploy.sh tasks logs 7 --follow
`
