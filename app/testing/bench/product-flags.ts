import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'

/** What `./deploy.sh` starts dashboard and assigner with. */
export function productFlags(): string[] {
  return flagsCalled('node_flags')
}

/** …and a node agent. */
export function nodeAgentFlags(): string[] {
  return [...productFlags(), ...flagsCalled('node_agent_flags')]
}

function flagsCalled(name: string): string[] {
  const text = readFileSync(join(packageRoot, 'deploy.sh'), 'utf8')
  const flags = new RegExp(`^${name}=\\((.*)\\)$`, 'm').exec(text)?.[1]
  if (flags === undefined) throw new Error(`deploy.sh no longer says its ${name}`)
  return flags.split(' ')
}
