import type { Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import type { SimulateOptions } from './run.ts'

export function addSimulate(program: Command) {
  program
    .command('simulate')
    .description('a cluster of machines that are not there, to try things out and to measure')
    .option('--nodes <count>', 'so many machines', whole('--nodes', 1, 5_000), 20)
    .option('--sessions <count>', 'each with so many agents', whole('--sessions', 0, 50), 5)
    .option('--seconds <seconds>', 'for how long (default: until Ctrl-C)', whole('--seconds', 1, 31_536_000))
    .option(
      '--dashboard <url>',
      "join another machine's dashboard, which ARCHITECT_TOKEN opens (default: that of this machine, started when none runs)",
    )
    .addHelpText('after', about)
    .action(async (options: SimulateOptions) => {
      const { simulate } = await import('./run.ts')
      return simulate(options)
    })
}

const whole = (flag: string, least: number, most: number) => (value: string) =>
  parseWholeNumber(flag, value, least, most)

const about = `
Simulated machines are called sim-0001 and so on, are tagged "simulated", and join like real ones: over real
connections, each with its own key. Their agents work, ask and answer by a script; they take only prompts that
are meant for them (--target, --provider simulated), never those that are for anyone.

Examples:
  ./deploy.sh simulate
  ./deploy.sh simulate --nodes 1000 --sessions 5
  ./deploy.sh assigner --send 'Say hello' --target sim-0001/dev-1
  ./deploy.sh nodes remove --simulated
`
