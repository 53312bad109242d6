import type { Wish } from '../../broker/interactions/answer.ts'
import { openOutput } from '../output/output.ts'
import { refuseAgents } from '../person.ts'
import { withSide } from '../with.ts'
import type { InteractionOptions } from './command.ts'
import { interactionDesks } from './desk.ts'
import { showInteraction, showInteractions } from './table.ts'

export async function listHere(options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(interactionDesks, async (desk) => {
    const { all, session } = options
    const rows = await desk.list({ onlyOpen: !all, ...(session !== undefined && { session }) })
    if (output.json) output.document({ items: rows, next_cursor: null })
    else showInteractions(output, rows, Date.now())
  })
}

export async function showHere(id: number, options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(interactionDesks, async (desk) => {
    const row = await desk.show(id)
    if (output.json) output.document(row)
    else showInteraction(output, row)
  })
}

export async function answerHere(id: number, wish: Wish, options: InteractionOptions): Promise<void> {
  const output = openOutput(options)
  refuseAgents('Permission prompts are answered by people and rules')
  await withSide(interactionDesks, async (desk) => {
    const row = await desk.answer(id, wish)
    if (output.json) return output.document(row)
    const chosen = row.answer?.option == null ? null : row.options[row.answer.option]
    output.line(`${row.session} has its answer${chosen ? `: ${chosen.label}` : ''}.`)
  })
}
