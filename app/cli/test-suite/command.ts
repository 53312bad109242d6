import type { Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import { UsageError } from '../failure.ts'
import { checkFiles, listRuns, runFile } from './actions.ts'

export interface SuiteOptions {
  junit?: string
  url?: string
  var?: string[]
  keep?: false
  limit?: number
  json?: true
}

export function addTestSuite(program: Command) {
  const suites = program
    .command('test-suite')
    .description('tests that are data: run suites in YAML or JSON, see what came of them')
    .addHelpText('after', examples)
  suites
    .command('run')
    .description('run a suite; exit code 0: all passed, 1: not all, 2: it is no suite')
    .argument('<file>', 'YAML or JSON')
    .option('--junit <file>', 'also write what came of it for a CI server')
    .option('--url <address>', 'the dashboard that is tested (default: ARCHITECT_URL)')
    .option('--var <name=value...>', 'variables, before those of the suite', pair, [])
    .option('--no-keep', 'keep nothing of it')
    .option('--json', 'answer in JSON')
    .action((file: string, options: SuiteOptions) => runFile(file, options))
  suites
    .command('check')
    .description('say whether files are suites, and run nothing')
    .argument('<files...>')
    .action(checkFiles)
  suites
    .command('list')
    .description('the last runs')
    .option('--limit <n>', 'how many (default: 20)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .option('--json', 'answer in JSON')
    .action((options: SuiteOptions) => listRuns(options))
}

function pair(value: string, before: string[]): string[] {
  if (/^[A-Za-z_]\w*=/.test(value)) return [...before, value]
  throw new UsageError(`--var ${value}: write NAME=VALUE.`)
}

const examples = `
Examples:
  ./deploy.sh test-suite run checks.yaml --junit out.xml
  ARCHITECT_URL=http://localhost:8080 ARCHITECT_TOKEN=… ./deploy.sh test-suite run api.yaml
  ./deploy.sh vault run -s SHOP_TOKEN -- ./deploy.sh test-suite run shop.yaml
`
