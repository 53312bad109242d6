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

/**
 * One that ends as a timeout after so many ms, or when `outer` does. Node 20 collects an `AbortSignal.timeout` that
 * only an `AbortSignal.any` knows of, and it never fires.
 */
export function endsWithin(ms: number, outer?: AbortSignal): EndingSignal {
  const own = new AbortController()
  const timer = setTimeout(() => own.abort(new DOMException('The time is over.', 'TimeoutError')), ms)
  timer.unref()
  const follow = () => own.abort(outer?.reason)
  if (outer?.aborted) follow()
  outer?.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    end: () => own.abort(ended),
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', follow)
    },
  }
}

/** One that ends so many ms after `outer` does: for what has to be done although it did. */
export function endsLater(ms: number, outer: AbortSignal): EndingSignal {
  const own = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const follow = () => {
    timer = setTimeout(() => own.abort(outer.reason), ms)
    timer.unref()
  }
  if (outer.aborted) follow()
  outer.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    end: () => own.abort(ended),
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer.removeEventListener('abort', follow)
    },
  }
}

/** One for all: each new error would take its stack. */
const ended = new Error('The wait is over.')
