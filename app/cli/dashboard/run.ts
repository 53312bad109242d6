import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { DirectLinks } from '../../../distributed/hub/direct-links.ts'
import { endExpiredLogins } from '../../accounts/expiry.ts'
import { describeFirstLogin, ensureFirstUser, type FirstLogin } from '../../accounts/first-user.ts'
import { announceProcess } from '../../broker/presence.ts'
import { readConfig, type Config } from '../../config.ts'
import { openContext } from '../../context.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import { buildApp } from '../../http/app.ts'
import { listen } from '../../http/listen.ts'
import { routes } from '../../http/routes.ts'
import { readTls } from '../../http/tls.ts'
import { openHub } from '../../live/hub.ts'
import { openLog, type Log } from '../../log.ts'
import { keepDashboardPlace } from '../../nodes/dashboard-address.ts'
import { openNodes } from '../../nodes/open.ts'
import { keepOwnNode } from '../../nodes/own-node.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly, type Only } from '../../single-instance.ts'
import { tendTasks } from '../../tasks/tend.ts'
import { tendVault } from '../../vault/tend.ts'
import { packageVersion } from '../../version.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { openNodeHub } from './node-registry.ts'
import { openWeb } from './web.ts'
import { dashboardName } from './start.ts'

/** `./deploy.sh`: works in this terminal until Ctrl-C, and shows what is done. */
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
    await serve(readConfig(process.env), undefined, (_address, firstLogin) =>
      sayReady(firstLogin ? describeFirstLogin(firstLogin) : undefined),
    )
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

type Ready = (address: string, firstLogin: FirstLogin | null) => void | Promise<void>

async function serve(config: Config, show: ((line: string) => void) | undefined, ready: Ready) {
  using log = openLog(config, dashboardName, show)
  using only = becomeOnly(config.dataDir, dashboardName, log.path)
  try {
    await runUntilSignal((signal) => serveUntil(signal, config, log, only, ready))
  } catch (error) {
    log.json.fatal({ err: error }, messageOf(error))
    throw error
  }
}

/** Asked to end in the middle of its start, it gives back what it has, its assigner before all, and is not `ready`. */
async function serveUntil(signal: AbortSignal, config: Config, log: Log, only: Only, ready: Ready) {
  await using context = await openContext(config, log)
  await using nodes = await openNodes({ ...context, log: log.json })
  const links = new DirectLinks(context.clock)
  const web = openWeb(context, nodes, links)
  await using _errors = web.errors
  await using _expiry = endExpiredLogins(web)
  await using _vault = tendVault(web)
  await using _tasks = tendTasks({
    database: web.database.by({ kind: 'worker', name: 'dashboard', address: null }),
    clock: web.clock,
    onFault: (error, words) => log.json.error({ err: error }, words),
  })
  const tls = await readTls(config, Date.now())
  await using listening = await listen(buildApp(web, routes), config, tls)
  await using _hub = await openHub(listening.server, { web })
  await using _nodeHub = openNodeHub(listening.server, web, links)
  // Not before it listens: a password is shown once, and a start on a port that is taken would swallow it.
  const firstLogin = await ensureFirstUser(context)
  const address = addressOf(config, listening.port)
  only.listensAt(address)
  const place = { host: config.host, port: listening.port, cert: tls?.cert ?? null }
  await keepDashboardPlace(context.database, place, Date.now())
  await using _own = await keepOwnNode({ ...web, log: log.json, version: packageVersion() })
  await using _presence = await announceProcess({ ...web, log: log.json }, aboutUs(config, address))
  await using services = web.services
  await services.begin()
  log.json.info({ address, data: config.dataDir }, 'the dashboard begins')
  if (!signal.aborted) await ready(address, firstLogin)
  await aborted(signal)
  log.json.info('the dashboard ends')
}

function aboutUs({ node }: Config, address: string) {
  return {
    id: `${node}-${dashboardName}-${process.pid}-${randomBytes(4).toString('hex')}`,
    kind: dashboardName,
    pid: process.pid,
    host: hostname(),
    version: packageVersion(),
    address,
  }
}

/** As a browser on this machine reaches it. */
function addressOf({ host, tls }: Config, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${name}:${port}/`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
