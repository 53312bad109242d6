import { randomUUID } from 'node:crypto'
import { answerInteraction } from '../../broker/interactions/answer.ts'
import type { Wish } from '../../broker/interactions/answer-of.ts'
import { openInteractionStates, type InteractionId } from '../../core/interaction.ts'
import { getInteraction, listInteractions } from '../../db/interaction/read.ts'
import { interactionJson } from '../../http/interaction-json.ts'
import type { InteractionJson } from '../../http/schemas/interaction.ts'
import type { Records } from '../../records.ts'
import { personHere } from '../person.ts'
import { requirePerson } from '../require-person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { withLooksAt } from '../sessions/looks.ts'
import type { Sides } from '../with.ts'

/** What sessions of one machine ask, in the words of the API. */
export interface InteractionDesk {
  /** The newest first. */
  list(filter: { onlyOpen: boolean; session?: string }): Promise<InteractionJson[]>
  show(id: InteractionId): Promise<InteractionJson>
  answer(id: InteractionId, wish: Wish): Promise<InteractionJson>
}

export const interactionDesks: Sides<InteractionDesk> = {
  local: localInteractions,
  remote: remoteInteractions,
}

const shown = 50

function localInteractions(records: Records): InteractionDesk {
  const { config, database, clock } = records
  return {
    async list({ onlyOpen, session }) {
      const rows = await listInteractions(database.kysely, {
        limit: shown,
        ...(onlyOpen && { states: openInteractionStates }),
        ...(session !== undefined && { sessionName: session }),
      })
      return rows.map((row) => interactionJson(row, config))
    },
    show: async (id) => interactionJson(await getInteraction(database.kysely, id), config),
    async answer(id, wish) {
      await requirePerson(records)
      const { node } = await getInteraction(database.kysely, id)
      return withLooksAt(records, node, async (looks) => {
        const tools = { ...looks, database, clock }
        const done = await answerInteraction(tools, id, wish, personHere(), `cli-${randomUUID()}`)
        return interactionJson(done, config)
      })
    },
  }
}

function remoteInteractions(dashboard: Dashboard): InteractionDesk {
  const path = '/api/claude/interactions'
  return {
    async list({ onlyOpen, session }) {
      const { items } = await dashboard.get<{ items: InteractionJson[] }>(path, {
        limit: shown,
        ...(onlyOpen && { state: openInteractionStates.join(',') }),
        ...(session !== undefined && { session }),
      })
      return items
    },
    show: (id) => dashboard.get<InteractionJson>(`${path}/${id}`),
    async answer(id, wish) {
      const body = 'say' in wish ? { action: wish.say } : { action: 'answer', ...wish }
      const reply = await dashboard.send<{ interaction: InteractionJson }>(
        'POST',
        `${path}/${id}/handle`,
        body,
      )
      return reply.interaction
    },
  }
}
