import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.ts'

const run = promisify(execFile)

/** 3.2 brought client flags and `-N`, without which looking at a server could start one or freeze panes. */
const least = [3, 2] as const

/** Throws `unavailable` with a sentence when tmux is missing or older than 3.2. */
export async function checkTmux(tmux: string): Promise<void> {
  const version = await versionOf(tmux)
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? []
  const isNew = Number(major) > least[0] || (Number(major) === least[0] && Number(minor) >= least[1])
  if (!isNew && !/master|openbsd/.test(version)) {
    throw new AppError('unavailable', `tmux is too old: it is ${version}, and Architect needs 3.2 or newer.`)
  }
}

async function versionOf(tmux: string): Promise<string> {
  try {
    return (await run(tmux, ['-V'])).stdout.trim().replace(/^tmux /, '')
  } catch (error) {
    throw new AppError('unavailable', 'tmux is not installed. Install it: sudo apt-get install tmux', {
      cause: error,
    })
  }
}
