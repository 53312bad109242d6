import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.ts'
import { tmuxIsMissing } from './failures.ts'

/** 3.2 brought the client flags `ignore-size,no-output` and the format modifiers that guards are made of. */
const oldest = { major: 3, minor: 2 }

/** Throws `unavailable` when tmux is missing or too old. */
export async function checkInstalledTmux(program = 'tmux'): Promise<void> {
  const { stdout } = await promisify(execFile)(program, ['-V'], { timeout: 5000 }).catch((error: unknown) => {
    throw tmuxIsMissing(error)
  })
  refuseOldTmux(stdout.trim())
}

/** `said` is `tmux 3.3a` or `next-3.5`; what has no number (`tmux master`) is taken for new. */
export function refuseOldTmux(said: string): void {
  const found = /(\d+)\.(\d+)/.exec(said)
  if (!found) return
  const [major, minor] = [Number(found[1]), Number(found[2])]
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return
  throw new AppError(
    'unavailable',
    `tmux ${found[0]} is too old: Architect needs ${oldest.major}.${oldest.minor} or newer. ` +
      'Upgrade tmux and restart its server.',
  )
}
