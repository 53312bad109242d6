import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig, type Config } from '../../config.ts'
import { nodeProtocol } from '../../core/node.ts'
import { readInvitation } from '../../core/join-token.ts'
import { programPath } from '../../core/paths.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { runningInstance } from '../../single-instance.ts'
import { packageVersion } from '../../version.ts'
import { UsageError } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { readMembership, requireMembership, writeMembership } from './membership.ts'
import { connectionFile, nodeAgentName } from './names.ts'

interface NodeAgentOptions {
  dashboard?: string
  token?: string
  name?: string
  daemon?: true
  status?: true
  stop?: true
  json?: true
}

export function addNodeAgent(program: Command) {
  program
    .command('node-agent')
    .description("make this machine's sessions part of another machine's dashboard")
    .option('--token <invitation>', 'join: what ./deploy.sh nodes invite gave, once')
    .option('--dashboard <url>', "join: the dashboard's address, where the invitation does not say it")
    .option('--name <node>', 'join: under this name (default: the host name)')
    .option('--daemon', 'in the background; it outlives this terminal')
    .option('--status', 'whether it runs and is connected')
    .option('--stop', 'end it; sessions and their agents go on')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action(act)
}

async function act(options: NodeAgentOptions): Promise<void> {
  const config = readConfig(process.env)
  if (options.status) return showStatus(config, options)
  if (options.stop) return stop(config, options)
  if (options.token !== undefined) await joinAs(config, options.token, options)
  else if (options.dashboard !== undefined || options.name !== undefined) {
    throw new UsageError('--dashboard and --name belong to --token: they say where and as what to join.')
  }
  if (options.daemon) return start(config, options)
  requireMembership(config.dataDir)
  const { runNodeAgentHere } = await import('./run.ts')
  const output = openOutput()
  return runNodeAgentHere((line) => output.line(line))
}

async function joinAs(config: Config, token: string, options: NodeAgentOptions) {
  const { url: invitedTo, fingerprint } = readInvitation(token)
  const url = options.dashboard ?? invitedTo
  if (url === null) throw new UsageError('Say where the dashboard is: --dashboard http://its-address:8080')
  const { joinCluster, pinnedCertificate } = await import('../../../distributed/agent/join.ts')
  const { readInventory } = await import('../../../distributed/metrics/inventory.ts')
  const ca = fingerprint === null ? null : await pinnedCertificate(url, fingerprint)
  const joined = await joinCluster(url, ca, {
    token,
    name: options.name ?? hostname(),
    protocol: nodeProtocol,
    agentVersion: packageVersion(),
    facts: await readInventory(),
  })
  writeMembership(config.dataDir, { url, ...joined, ...(ca !== null && { ca }) })
  const output = openOutput(options)
  if (!output.json) output.line(`This machine has joined ${url} as ${joined.name}.`)
}

async function start(config: Config, options: NodeAgentOptions) {
  const { name, url } = requireMembership(config.dataDir)
  const program = programPath('distributed/node-agent')
  const { pid } = await startDaemon(program, { ...process.env, ARCHITECT_DATA: config.dataDir })
  const log = join(config.dataDir, 'logs', `${nodeAgentName}.log`)
  const output = openOutput(options)
  if (output.json) return output.document({ started: true, pid, node: name, dashboard: url, log })
  output.line(`The node agent works in the background (pid ${pid}) as ${name} of ${url}. Its log: ${log}`)
}

async function stop(config: Config, options: NodeAgentOptions) {
  const stopped = await stopDaemon(config.dataDir, nodeAgentName)
  const output = openOutput(options)
  if (output.json) return output.document({ stopped: stopped !== null, pid: stopped?.pid ?? null })
  output.line(stopped ? `The node agent (pid ${stopped.pid}) has ended.` : 'No node agent is running.')
}

function showStatus(config: Config, options: NodeAgentOptions) {
  const membership = readMembership(config.dataDir)
  const running = runningInstance(config.dataDir, nodeAgentName)
  const connection = running ? readConnection(config.dataDir) : null
  const output = openOutput(options)
  if (output.json) {
    return output.document({
      joined: membership !== null,
      node: membership?.name ?? null,
      dashboard: membership?.url ?? null,
      running: running !== null,
      pid: running?.pid ?? null,
      connected: connection?.isUp ?? false,
      connection: connection?.line ?? null,
    })
  }
  if (!membership) output.line('This machine belongs to no cluster.')
  else output.line(`This machine is the node ${membership.name} of ${membership.url}.`)
  if (!running) return output.line('No node agent is running. Start it with ./deploy.sh node-agent --daemon')
  output.line(
    `The node agent runs (pid ${running.pid}); ${connection?.line ?? 'it has not been connected yet'}.`,
  )
}

function readConnection(dataDir: string): { isUp: boolean; line: string } | null {
  try {
    return JSON.parse(readFileSync(connectionFile(dataDir), 'utf8')) as { isUp: boolean; line: string }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const examples = `
Examples:
  ./deploy.sh node-agent --token archjoin_… --daemon
  ./deploy.sh node-agent --token archjoin_… --dashboard http://192.168.1.10:8080 --name pi-kitchen
  ./deploy.sh node-agent --status
`
