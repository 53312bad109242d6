import type { SessionHost } from '../core/host.ts'

/** What a delivery does with a pane. */
export type HostStep = 'look' | 'paste' | 'submit' | 'press'

/** Runs a step, with whatever a test wants to happen around it; its answer is the step's own. */
export type Around = <T>(step: HostStep, run: () => Promise<T>) => Promise<T>

/** The same host, with `around` called for each step into a pane. */
export function steppedHost(host: SessionHost, around: Around): SessionHost {
  return {
    node: host.node,
    list: () => host.list(),
    sweep: (wanted) => host.sweep(wanted),
    history: (pane, lines) => host.history(pane, lines),
    create: (session) => host.create(session),
    kill: (sessionName, server) => host.kill(sessionName, server),
    look: (pane, searches) => around('look', () => host.look(pane, searches)),
    paste: (look, text, marker) => around('paste', () => host.paste(look, text, marker)),
    submit: (look, marker) => around('submit', () => host.submit(look, marker)),
    press: (look, keys, marker) => around('press', () => host.press(look, keys, marker)),
    mark: (look, marker) => host.mark(look, marker),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}
