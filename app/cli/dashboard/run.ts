import { describeFirstLogin, type FirstLogin } from '../../accounts/first-user.ts'
import { endExpiredLogins } from '../../accounts/expiry.ts'
import { openAccounts } from '../../accounts/open.ts'
import { assignerProgram } from '../assigner/start.ts'
import { readConfig, type Config } from '../../config.ts'
import { openContext } from '../../context.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import { buildApp } from '../../http/app.ts'
import { listen } from '../../http/listen.ts'
import { routes } from '../../http/routes.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly } from '../../single-instance.ts'
import { Supervisor } from '../../supervisor.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'

/** The dashboard's name in locks, logs and sentences. */
export const dashboardName = 'dashboard'

/** `./deploy.sh dashboard`: works in this terminal until Ctrl-C, and shows what is done. */
export async function runDashboardHere(): Promise<void> {
  const config = readConfig(process.env)
  const output = openOutput()
  await serve(
    config,
    (line) => output.line(line),
    (address, firstLogin) => {
      output.line(`The dashboard is at ${address}`)
      if (firstLogin) output.line(describeFirstLogin(firstLogin))
      output.line('Ctrl-C ends it; sessions and their agents go on.')
    },
  )
  output.line('The dashboard has ended.')
}

/** The body of `app/dashboard.main.ts`, the process in the background. Returns its exit code. */
export async function runDashboardProcess(): Promise<number> {
  try {
    await serve(readConfig(process.env), undefined, sayReady)
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

async function serve(
  config: Config,
  show: ((line: string) => void) | undefined,
  ready: (address: string, firstLogin: FirstLogin | null) => void | Promise<void>,
) {
  using log = openLog(config, dashboardName, show)
  using _only = becomeOnly(config.dataDir, dashboardName, log.path)
  try {
    await using context = await openContext(config, log)
    const { keys, firstLogin } = await openAccounts(context)
    const web = { ...context, keys, startedAt: Date.now() }
    await using _expiry = endExpiredLogins(web)
    await using listening = await listen(buildApp(web, routes), config)
    const environment = { ...process.env, ARCHITECT_DATA: config.dataDir }
    await using assigner = new Supervisor('assigner', assignerProgram, environment, log)
    assigner.start()
    await ready(`http://${shownHost(config.host)}:${listening.port}/`, firstLogin)
    await runUntilSignal((signal) => aborted(signal))
  } catch (error) {
    log.json.fatal({ err: error }, messageOf(error))
    throw error
  }
}

const shownHost = (host: string) => (host === '0.0.0.0' || host === '::' ? 'localhost' : host)

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
