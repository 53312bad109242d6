import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'

/** What `./deploy.sh` starts dashboard and assigner with. */
export function productFlags(): string[] {
  const text = readFileSync(join(packageRoot, 'deploy.sh'), 'utf8')
  const flags = /^node_flags=\((.*)\)$/m.exec(text)?.[1]
  if (flags === undefined) throw new Error('deploy.sh no longer says its node_flags')
  return flags.split(' ')
}
