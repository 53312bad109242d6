import { resolve } from 'node:path'
import { installHook, removeHook } from '../../broker/locks/commit-hook.ts'
import { readConfig } from '../../config.ts'
import { openOutput } from '../output/output.ts'
import { requireHere } from '../with.ts'
import type { LockOptions } from './command.ts'

export async function installHookHere(options: LockOptions): Promise<void> {
  requireHere('locks install-hook')
  const output = openOutput(options)
  const { dataDir } = readConfig(process.env)
  const place = await installHook(dataDir, resolve(options.dir ?? '.'))
  if (output.json) return output.document(place)
  output.line(
    `Installed as ${place.path}.${place.chained ? ' The hook that was there is called first.' : ''}`,
  )
}

export async function removeHookHere(options: LockOptions): Promise<void> {
  requireHere('locks remove-hook')
  const output = openOutput(options)
  const { dataDir } = readConfig(process.env)
  const removed = await removeHook(dataDir, resolve(options.dir ?? '.'))
  if (output.json) output.document({ removed })
  else output.line(removed ? 'Removed.' : 'There is no hook of ours in this project.')
}
