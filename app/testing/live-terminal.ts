import type { TerminalMessage } from '../live/terminals/terminals.ts'
import type { TerminalData, TerminalEnd, TerminalState } from '../live/terminals/viewer.ts'
import type { TestDashboard } from './dashboard.ts'
import { connectLive, type LiveClient } from './live-client.ts'
import { waitFor } from './wait-for.ts'

/** A browser with one terminal: what it drew and was told. */
export interface LiveTerminal {
  client: LiveClient
  opened: TerminalMessage
  /** Since it was emptied last. */
  text: string
  /** Characters, of all the time. */
  drawn: number
  resets: number
  state: Partial<TerminalState>
  end: string | null
  acknowledges: boolean
  type(keys: string): Promise<unknown>
  shows(text: string): Promise<true>
}

/** Opens a terminal on a session, by its key. */
export async function watchTerminal(
  dashboard: TestDashboard,
  role: 'viewer' | 'operator',
  session: string,
): Promise<LiveTerminal> {
  const client = await connectLive(dashboard, await dashboard.signIn(role))
  const screen: LiveTerminal = {
    client,
    opened: undefined as unknown as TerminalMessage,
    text: '',
    drawn: 0,
    resets: 0,
    state: {},
    end: null,
    acknowledges: true,
    type: (keys) => client.ask('terminal:keys', { terminal: 1, keys }),
    shows: (text) => waitFor(async () => screen.text.includes(text), `"${text}" in the terminal`),
  }
  client.socket.on('terminal:data', ({ data, reset }: TerminalData) => {
    if (reset) screen.resets += 1
    screen.text = reset ? data : screen.text + data
    screen.drawn += data.length
    if (screen.acknowledges) client.socket.emit('terminal:ack', { terminal: 1, characters: data.length })
  })
  client.socket.on('terminal:state', (state: TerminalState) => Object.assign(screen.state, state))
  client.socket.on('terminal:end', ({ reason }: TerminalEnd) => (screen.end = reason))
  screen.opened = await client.ask('terminal:open', { terminal: 1, session })
  return screen
}
