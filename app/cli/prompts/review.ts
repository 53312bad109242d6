import type { Prompt } from '../../core/prompt.ts'
import { toJson } from '../../json.ts'
import { readPromptSource } from '../assigner/prompt-source.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'

export async function acceptResult(
  id: number,
  comment: string | null,
  options: { json?: true },
): Promise<void> {
  await withDesk(async (desk) => answer(await desk.accept(id, comment), 'is accepted', options))
}

export async function sendResultBack(id: number, comment: string, options: { json?: true }): Promise<void> {
  const text = await readPromptSource({ send: comment })
  await withDesk(async (desk) => {
    const prompt = await desk.sendBack(id, text)
    const to = prompt.target.session ?? 'whoever fits'
    answer(prompt, `is sent back to ${to}`, options)
  })
}

function answer(prompt: Prompt, did: string, options: { json?: true }) {
  const output = openOutput(options)
  if (output.json) return output.document({ success: true, prompt_id: prompt.id, prompt: toJson(prompt) })
  output.line(`Prompt ${prompt.id} ${did}.`)
}
