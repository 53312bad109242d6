import { suggestionGlyph, suggestionSources, type Suggestion } from '../../core/suggestion.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { SuggestionOptions } from './command.ts'
import { suggestionDesks } from './desk.ts'

const usualLimit = 50

export async function collectHere(options: SuggestionOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(suggestionDesks, async (desk) => {
    const kept = await desk.collect(options.source ?? suggestionSources)
    if (output.json) return output.document(kept)
    output.line(`${kept.added} new, ${kept.returned} back, ${kept.withdrawn} without a reason any more.`)
  })
}

export async function listSuggestionsHere(options: SuggestionOptions): Promise<void> {
  const output = openOutput(options)
  const { limit = usualLimit, state: states = ['pending'] as const, source: sources } = options
  await withSide(suggestionDesks, async (desk) => {
    const items = await desk.list({ limit, states, sources })
    if (output.json) return output.document({ items: toJson(items), next_cursor: null })
    if (items.length === 0) return output.line('None. Look for some: ./deploy.sh suggestions collect')
    output.table(items, [
      { title: 'ID', align: 'right', value: ({ id }) => String(id) },
      { title: 'STATE', value: ({ state }) => `${suggestionGlyph[state]} ${state}` },
      { title: 'P', align: 'right', value: ({ priority }) => String(priority) },
      { title: 'FROM', value: ({ source }) => source },
      { title: 'AS', value: ({ suggestedAs, became }) => became ?? suggestedAs },
      { title: 'TITLE', flexible: true, value: ({ title }) => title },
    ])
  })
}

export async function confirmOne(id: number, options: SuggestionOptions): Promise<void> {
  const { as, project, title, content, target } = options
  await withSide(suggestionDesks, async (desk) =>
    say(openOutput(options), await desk.confirm(id, { as, project, title, content, target })),
  )
}

export async function advanceOne(
  event: 'skip' | 'complete',
  id: number,
  options: SuggestionOptions,
): Promise<void> {
  await withSide(suggestionDesks, async (desk) => say(openOutput(options), await desk.advance(id, event)))
}

function say(output: Output, suggestion: Suggestion) {
  if (output.json) return output.document(toJson(suggestion))
  const { id, state, became, becameId } = suggestion
  output.line(
    state === 'confirmed'
      ? `Suggestion ${id} is ${became} ${becameId} now.`
      : `Suggestion ${id} is ${state}.`,
  )
}
