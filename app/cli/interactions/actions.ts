import type { Wish } from '../../broker/interactions/answer-of.ts'
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
    const given = [row.answer?.boxes ?? row.answer?.option ?? []].flat()
    const chosen = given.flatMap((index) => row.options[index]?.label ?? [])
    output.line(`${row.session} has its answer${chosen.length > 0 ? `: ${chosen.join(', ')}` : ''}.`)
  })
}
