import type { Command } from 'commander'
import type { Wish } from '../../broker/interactions/answer-of.ts'
import { AppError } from '../../core/errors.ts'
import { parseWholeNumber } from '../arguments.ts'
import { answerHere, listHere, showHere } from './actions.ts'

export interface InteractionOptions {
  all?: true
  session?: string
  option?: number[]
  json?: true
}

export function addInteractions(program: Command) {
  const interactions = program
    .command('interactions')
    .description('what sessions ask: permission prompts, questions, plans')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    interactions.command(name).description(about).option('--json', 'answer in JSON')
  add('list', 'what waits for an answer, or (--all) what was asked lately')
    .option('--all', 'those that are over, too')
    .option('--session <name>', 'of one session')
    .action(listHere)
  add('show', 'one of them: the dialog, its options, the decision')
    .argument('<id>', 'its number', parseId)
    .action(showHere)
  add('approve', 'say yes, to this once')
    .argument('<id>', 'its number', parseId)
    .action((id: number, options: InteractionOptions) => answerHere(id, { say: 'approve' }, options))
  add('deny', 'say no')
    .argument('<id>', 'its number', parseId)
    .action((id: number, options: InteractionOptions) => answerHere(id, { say: 'deny' }, options))
  add('answer', 'choose options by their numbers, or say something in words of your own')
    .argument('<id>', 'its number', parseId)
    .argument('[answer...]', 'the number of an option (1,3: of several), or words')
    .option('--option <numbers>', 'the number of an option; several: 1,3', parseNumbers)
    .action((id: number, words: string[], options: InteractionOptions) =>
      answerHere(id, wishOf(words, options.option), options),
    )
}

function parseId(value: string): number {
  return parseWholeNumber('This', value.replace(/^#/, ''), 1, 1e15)
}

/** `1,3`; given twice, all of them count. */
function parseNumbers(value: string, before: number[] = []): number[] {
  return [...before, ...value.split(',').map((number) => parseWholeNumber('An option', number, 1, 99))]
}

/** A lone number is an option's, and so are several with commas between them. */
function wishOf(words: string[], option: number[] | undefined): Wish {
  const text = words.join(' ')
  if (option) return words.length > 0 ? { option, text } : { option }
  if (/^[1-9]\d?(?:,[1-9]\d?)*$/.test(text)) return { option: parseNumbers(text) }
  if (text === '') {
    throw new AppError('invalid', 'What shall be answered? Give --option and its number, or words.')
  }
  return { text }
}

const examples = `
Examples:
  ./deploy.sh interactions list
  ./deploy.sh interactions approve 12
  ./deploy.sh interactions answer 13 2
  ./deploy.sh interactions answer 14 "use the staging database"
  ./deploy.sh interactions answer 15 --option 1,3

An answer is given only if the very dialog that was shown is still there.
`
