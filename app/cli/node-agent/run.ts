import { renameSync, writeFileSync } from 'node:fs'
import { MetricReader } from '../../../distributed/metrics/read.ts'
import { readInventory } from '../../../distributed/metrics/inventory.ts'
import { runNodeAgent } from '../../../distributed/agent/node-agent.ts'
import { createReader } from '../../agents/reader.ts'
import { loadLibrary } from '../../agents/library.ts'
import { readConfig, type Config } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { foldersHere } from '../../core/folders.ts'
import { messageOf } from '../../core/errors.ts'
import { paneKey } from '../../core/host.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import type { ToolPlace } from '../../launch/equip.ts'
import { launcherHere } from '../../launch/launcher.ts'
import { hookPaths } from '../../hooks/paths.ts'
import { openSpool } from '../../hooks/spool.ts'
import { localCheckouts } from '../../hosts/git.ts'
import { parseSockets } from '../../hosts/tmux/sockets.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly } from '../../single-instance.ts'
import { packageVersion } from '../../version.ts'
import { sayWhatFailed } from '../failure.ts'
import { requireMembership, writeMembership, type StoredMembership } from './membership.ts'
import { connectionFile, nodeAgentName } from './names.ts'

/** In this terminal, until Ctrl-C. */
export async function runNodeAgentHere(show: (line: string) => void): Promise<void> {
  const config = readConfig(process.env)
  await serve(config, show, ({ name, url }) => {
    show(`This machine is the node ${name} of ${url}.`)
    show('Ctrl-C ends the agent; sessions and what runs in them go on.')
  })
}

/** The body of `distributed/node-agent.main.ts`, the process in the background. Returns its exit code. */
export async function runNodeAgentProcess(): Promise<number> {
  try {
    await serve(
      readConfig(process.env),
      () => undefined,
      () => sayReady(),
    )
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

async function serve(
  config: Config,
  show: (line: string) => void,
  ready: (membership: StoredMembership) => void | Promise<void>,
) {
  const membership = requireMembership(config.dataDir)
  using log = openLog(config, nodeAgentName)
  using _only = becomeOnly(config.dataDir, nodeAgentName, log.path)
  const sockets = parseSockets(config.tmuxSocket ?? '')
  await using host = new TmuxHost({ node: membership.name, sockets })
  await using hooks = await openSpool({ dataDir: config.dataDir, log: log.json })
  const library = loadLibrary(config.dataDir)
  const reader = createReader(library, { hookRecords: hookPaths(config.dataDir).records })
  const here = {
    host,
    openSweeps: () => host.openSweeps(),
    terminals: host,
    launcher: launcherHere({ config, library, findTools: async () => toolsOf(membership) }),
    reader,
    checkouts: localCheckouts,
    folders: foldersHere(config.dataDir),
    hooks,
    clock: systemClock,
    log: log.json,
  }
  const metrics = new MetricReader()
  const tell = (line: string, isUp: boolean) => {
    show(line)
    log.json.info(line)
    try {
      noteConnection(config, { isUp, line })
    } catch (error) {
      // Only shown: a disk that is full is no reason to leave the cluster.
      log.json.warn({ err: error }, `whether it is connected could not be noted: ${messageOf(error)}`)
    }
  }
  let said = ''
  const tellOnce = (line: string, isUp: boolean) => {
    if (line !== said) tell(line, isUp)
    said = line
  }
  await ready(membership)
  await runUntilSignal((signal) =>
    runNodeAgent(
      here,
      {
        membership: { ...membership, agentVersion: packageVersion() },
        metrics: {
          sample: async (sessions) =>
            metrics.read(sessions.map(({ pane }) => ({ key: paneKey(pane), pid: pane.pid }))),
          facts: () => readInventory(),
        },
        onNewKey: (key) => writeMembership(config.dataDir, { ...membership, key }),
        onUp: () => tellOnce(`connected to ${membership.url}`, true),
        onDown: (reason) => tellOnce(`not connected to ${membership.url}: ${reason}`, false),
      },
      signal,
    ),
  )
}

function noteConnection({ dataDir }: Config, connection: { isUp: boolean; line: string }) {
  const path = connectionFile(dataDir)
  writeFileSync(`${path}.new`, JSON.stringify({ ...connection, at: Date.now() }), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** Agents trust no certificate of a dashboard's own making, and the program beside them needs the database. */
function toolsOf({ url, ca }: StoredMembership): ToolPlace {
  return ca === undefined ? { url: url.replace(/\/$/, '') } : null
}
