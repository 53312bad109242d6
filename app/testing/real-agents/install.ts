import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { realAgents, type RealAgentKind } from './versions.ts'

/** Where installed agents are kept between runs, outside the project's own dependencies. */
function agentCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'architect-real-agents')
}

/**
 * Installs one version of an agent from npm and returns the folder of its binary. A version that is there
 * already costs nothing; an install that was cut short is done again. Throws what npm says.
 */
export async function installAgent(
  kind: RealAgentKind,
  version: string = realAgents[kind].version,
  cache = agentCacheFolder(),
): Promise<string> {
  const folder = join(cache, `${kind}-${version}`)
  const binaries = join(folder, 'node_modules', '.bin')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return binaries
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder]
  await run('npm', ['install', ...options, `${realAgents[kind].package}@${version}`], { timeout: installMs })
  await writeFile(complete, '')
  return binaries
}

const run = promisify(execFile)

/** The largest of the agents has some 200 MB to fetch. */
const installMs = 10 * 60_000
