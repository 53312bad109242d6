import type { SessionReading } from '../core/agent.ts'
import type { EpochMs } from '../core/clock.ts'
import { findPane, type Looks } from './named-session.ts'

/** Why a session is read as it is, from a look of this moment. */
export interface Explained {
  at: EpochMs
  sessionName: string
  address: string
  paneId: string
  command: string
  title: string
  reading: SessionReading
}

/** Throws `not_found` or `conflict` when the name does not mean one pane of this machine. */
export async function explainSession(looks: Looks, wanted: string): Promise<Explained> {
  const look = await looks.host.look(await findPane(looks, wanted))
  const { at, sessionName, address, paneId, command, title } = look
  return { at, sessionName, address, paneId, command, title, reading: looks.reader.read(look) }
}
