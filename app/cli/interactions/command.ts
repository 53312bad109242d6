import type { Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import { answerHere, listHere, showHere } from './actions.ts'

export interface InteractionOptions {
  all?: true
  session?: string
  option?: number
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
  add('answer', 'choose an option by its number, or say something in words of your own')
    .argument('<id>', 'its number', parseId)
    .argument('<answer...>', 'the number of an option, or words')
    .action((id: number, words: string[], options: InteractionOptions) =>
      answerHere(id, wishOf(words), options),
    )
}

function parseId(value: string): number {
  return parseWholeNumber('This', value.replace(/^#/, ''), 1, 1e15)
}

/** A lone number is an option's. */
function wishOf(words: string[]) {
  const text = words.join(' ')
  return /^[1-9]\d?$/.test(text) ? { option: Number(text) } : { text }
}

const examples = `
Examples:
  ./deploy.sh interactions list
  ./deploy.sh interactions approve 12
  ./deploy.sh interactions answer 13 2
  ./deploy.sh interactions answer 14 "use the staging database"

An answer is given only if the very dialog that was shown is still there.
`
