import { hostname } from 'node:os'
import { loadLibrary } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import { answerInteraction } from '../../broker/interactions/answer.ts'
import type { Wish } from '../../broker/interactions/answer-of.ts'
import { systemClock } from '../../core/clock.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { parseSockets } from '../../hosts/tmux/sockets.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { waitFor } from '../wait-for.ts'
import type { RealBroker } from './real-broker.ts'

const ada = { kind: 'user', name: 'ada', address: null } as const

/** What a real agent asks, once it is drawn whole enough to be answered. Throws when it doesn't within a minute. */
export function whenOpen(broker: RealBroker, words: RegExp) {
  return whenAsked(
    broker,
    ({ state, question, options }) => state === 'open' && words.test(question) && options.length > 0,
    String(words),
  )
}

/** The newest of what the agent asked that fits. */
export function whenAsked({ database }: RealBroker, fits: (one: StoredInteraction) => boolean, what: string) {
  return waitFor(
    async () => (await listInteractions(database.kysely, { limit: 20 })).find(fits) ?? null,
    what,
    60_000,
  )
}

/** As a person does at a terminal of their own: with eyes and a host of their own. */
export async function answer({ database, agent }: RealBroker, id: number, wish: Wish) {
  const sockets = parseSockets(agent.pane.socket)
  await using host = new TmuxHost({ node: 'test', sockets })
  const reader = createReader(loadLibrary())
  return await answerInteraction({ database, host, reader, clock: systemClock }, id, wish, ada, hostname())
}

/** The agent can take a prompt. */
export async function whenIdle({ database }: RealBroker) {
  await waitFor(
    async () => {
      const rows = await database.kysely.selectFrom('sessions').select('accepts_prompt').execute()
      return rows.some(({ accepts_prompt }) => accepts_prompt === 1)
    },
    'an idle agent',
    60_000,
  )
}
