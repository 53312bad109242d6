import { AppError } from '../../core/errors.ts'

/** tmux is fine, but nothing runs there: the one reason of `unavailable` that is no fault. */
export class NoTmuxServer extends AppError {
  constructor(label: string) {
    super(
      'unavailable',
      `No tmux server is running (${label}). Start a session with "tmux new -s NAME", or name its socket in ` +
        'ARCHITECT_TMUX_SOCKET.',
    )
  }
}

/** What tmux said when it refused a command. */
export class TmuxRefusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TmuxRefusal'
  }
}

export function tmuxIsMissing(cause: unknown): AppError {
  return new AppError('unavailable', 'tmux is not installed, or not in PATH. Install it: apt install tmux', {
    cause,
  })
}

export function tmuxIsSilent(label: string, ms: number): AppError {
  return new AppError(
    'unavailable',
    `tmux (${label}) has not answered for ${ms / 1000} s. If it stays so, look for a stopped tmux process.`,
  )
}

export function tmuxLeft(label: string, said: string): AppError {
  if (/no server running|error connecting|server exited|lost server/.test(said))
    return new NoTmuxServer(label)
  return new AppError(
    'unavailable',
    `The connection to tmux (${label}) ended${said === '' ? '' : `: ${said}`}.`,
  )
}

/** A refused command in the words of the host's contract. */
export function asAppError(error: unknown, subject: string): unknown {
  if (!(error instanceof TmuxRefusal)) return error
  if (/^can't find (pane|window|session)/.test(error.message)) {
    return new AppError('not_found', `${subject} is gone.`, { cause: error })
  }
  if (error.message.startsWith('duplicate session')) {
    return new AppError('conflict', `${subject} exists already.`, { cause: error })
  }
  return new AppError('unavailable', `tmux refused: ${error.message}.`, { cause: error })
}
