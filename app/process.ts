import { AppError } from './core/errors.ts'
import { maskText, maskToTheEnd } from './core/masking.ts'

/** At the start of each of our programs: what it says when it breaks shows no value of the vault either. */
export function beginProcess(): void {
  maskToTheEnd()
  process.setUncaughtExceptionCaptureCallback((error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${maskText(stack)}\n`)
    // As Node ends what nobody caught.
    process.exit(1)
  })
}

/**
 * Runs `work` until it ends or somebody asks it to: the first SIGINT or SIGTERM aborts the signal, so that
 * `await using` gives everything back in order; a second one ends the process at once, as if nobody listened.
 */
export async function runUntilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const stop = (name: NodeJS.Signals) => {
    if (stopping.signal.aborted) return endAtOnce(name)
    stopping.abort(new AppError('unavailable', `Stopped by ${name}.`))
  }
  const endAtOnce = (name: NodeJS.Signals) => {
    forget()
    process.kill(process.pid, name)
  }
  const forget = () => endingSignals.forEach((name) => process.removeListener(name, stop))
  endingSignals.forEach((name) => process.on(name, stop))
  try {
    await work(stopping.signal)
  } finally {
    forget()
  }
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
