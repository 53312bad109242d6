/** A signal of its own that also ends when another one does, and lets go of that one when it is disposed. */
export interface EndingSignal extends Disposable {
  signal: AbortSignal
  end: () => void
}

/**
 * `AbortSignal.any` would do, but in Node 20 the signal that lives long keeps something of every one that was
 * made from it: a day of short waits adds tens of megabytes.
 */
export function endsWith(outer: AbortSignal): EndingSignal {
  const own = new AbortController()
  const follow = () => own.abort(outer.reason)
  if (outer.aborted) follow()
  outer.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    end: () => own.abort(ended),
    [Symbol.dispose]: () => outer.removeEventListener('abort', follow),
  }
}

/** One for all: each new error would take its stack. */
const ended = new Error('The wait is over.')
