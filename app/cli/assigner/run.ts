import { runAssigner } from '../../../workers/assigner.ts'
import { readConfig, type Config } from '../../config.ts'
import { openContext } from '../../context.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly } from '../../single-instance.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { assignerName } from './start.ts'

/** `./deploy.sh`: works in this terminal until Ctrl-C, and shows what is done. */
export async function runAssignerHere(): Promise<void> {
  const config = readConfig(process.env)
  const output = openOutput()
  const show = (line: string) => output.line(line)
  await assign(config, show, () => {
    output.line(`The assigner works on ${config.dataDir} (tmux: ${config.tmuxSocket ?? 'your own server'}).`)
    output.line("First prompt, from another terminal: ./deploy.sh assigner --send 'Say hello'")
    output.line('Ctrl-C ends it; sessions and their agents go on.')
  })
  output.line('The assigner has ended.')
}

/** The body of `workers/assigner.main.ts`, the process in the background. Returns its exit code. */
export async function runAssignerProcess(): Promise<number> {
  try {
    await assign(readConfig(process.env), undefined, () => sayReady())
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

async function assign(
  config: Config,
  show: ((line: string) => void) | undefined,
  ready: () => void | Promise<void>,
) {
  using log = openLog(config, assignerName, show)
  using _only = becomeOnly(config.dataDir, assignerName, log.path)
  try {
    await using context = await openContext(config, log)
    log.json.info({ data: config.dataDir, node: config.node }, 'the assigner begins')
    await ready()
    await runUntilSignal((signal) => runAssigner(context, signal))
    log.json.info('the assigner has ended')
  } catch (error) {
    log.json.fatal({ err: error }, messageOf(error))
    throw error
  }
}
