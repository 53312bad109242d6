import { randomUUID } from 'node:crypto'
import { answerInteraction, type Wish } from '../../broker/interactions/answer.ts'
import { openInteractionStates } from '../../core/interaction.ts'
import { getInteraction, listInteractions } from '../../db/interaction/read.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { personHere } from '../person.ts'
import { withContext, withDatabase } from '../with.ts'
import type { InteractionOptions } from './command.ts'
import { showInteraction, showInteractions } from './table.ts'

const shown = 50

export async function listHere(options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const rows = await listInteractions(database.kysely, {
      limit: shown,
      ...(!options.all && { states: openInteractionStates }),
      ...(options.session !== undefined && { sessionName: options.session }),
    })
    if (output.json) output.document({ items: toJson(rows), next_cursor: null })
    else showInteractions(output, rows, Date.now())
  })
}

export async function showHere(id: number, options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const row = await getInteraction(database.kysely, id)
    if (output.json) output.document(toJson(row))
    else showInteraction(output, row)
  })
}

export async function answerHere(id: number, wish: Wish, options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  await withContext(async (context) => {
    const row = await answerInteraction(context, id, wish, personHere(), `cli-${randomUUID()}`)
    if (output.json) return output.document(toJson(row))
    const chosen = row.answer?.option == null ? null : row.options[row.answer.option]
    output.line(`${row.sessionName} has its answer${chosen ? `: ${chosen.label}` : ''}.`)
  })
}
