import { Option, type Command } from 'commander'
import {
  suggestionSources,
  suggestionStates,
  suggestionTargets,
  type SuggestionSource,
  type SuggestionState,
} from '../../core/suggestion.ts'
import { parseWholeNumber } from '../arguments.ts'
import { advanceOne, collectHere, confirmOne, listSuggestionsHere } from './actions.ts'
import type { ConfirmWish } from './desk.ts'

export interface SuggestionOptions extends ConfirmWish {
  state?: SuggestionState[]
  source?: SuggestionSource[]
  limit?: number
  json?: true
}

export function addSuggestions(program: Command) {
  const suggestions = program
    .command('suggestions')
    .description('what could be done next, with the reason')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    suggestions.command(name).description(about).option('--json', 'answer in JSON')
  const ofOne = (name: string, about: string) => add(name, about).argument('<id>', 'its number', parseId)
  const source = () => new Option('--source <sources...>', 'only from these').choices(suggestionSources)
  add('collect', 'look for more: errors, failing tests, old notes in comments, bugs nobody works on')
    .addOption(source())
    .action(collectHere)
  add('list', 'what is not decided yet, the most urgent first')
    .addOption(new Option('--state <states...>', 'these instead').choices(suggestionStates))
    .addOption(source())
    .option('--limit <n>', 'how many (default: 50)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .action(listSuggestionsHere)
  ofOne('confirm', 'make a feature, a bug or a prompt of it, once')
    .addOption(new Option('--as <what>', 'what it becomes').choices(makable))
    .option('--project <id>', 'number or key; that of the suggestion when it is left out')
    .option('--title <title>', 'of a feature or bug, instead of its own')
    .option('--content <text>', 'of a prompt, instead of ours')
    .option('--target <session>', 'that gets the prompt')
    .action(confirmOne)
  for (const [event, about] of events) {
    ofOne(event, about).action((id: number, options: SuggestionOptions) => advanceOne(event, id, options))
  }
}

/** A task has data of its own for each type; programs make one over HTTP. */
const makable = suggestionTargets.filter((target) => target !== 'task')

const parseId = (value: string) =>
  parseWholeNumber('The number of a suggestion', value, 1, Number.MAX_SAFE_INTEGER)

const events = [
  ['skip', 'it is not worth it, and does not come back'],
  ['complete', 'it is done; it comes back when its reason shows again'],
] as const

const examples = `
Examples:
  ./deploy.sh suggestions collect
  ./deploy.sh suggestions list --source error bug
  ./deploy.sh suggestions confirm 3 --as bug --project SHOP
  ./deploy.sh suggestions confirm 4 --as prompt --target dev
`
