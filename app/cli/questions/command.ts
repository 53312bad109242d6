import type { Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import { answerOne, askOne, dismissOne, listOpen, showOne } from './actions.ts'

const id = (value: string) => parseWholeNumber('The number of a question', value, 1, Number.MAX_SAFE_INTEGER)

export function addQuestions(program: Command) {
  const questions = program
    .command('questions')
    .description('what sessions ask of people, and prompts that wait for a decision')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    questions.command(name).description(about).option('--json', 'answer in JSON')
  add('list', 'open questions, the oldest first').option('--all', 'those that are over, too').action(listOpen)
  add('show', 'one question with its context and choices').argument('<id>', 'its number', id).action(showOne)
  add('answer', 'answer it; the session gets that as its next prompt')
    .argument('<id>', 'its number', id)
    .argument('<answer...>', 'words, or the number of a choice')
    .action(answerOne)
  add('dismiss', 'nobody will answer it; the session is told')
    .argument('<id>', 'its number', id)
    .option('--reason <text>', 'why')
    .action(dismissOne)
  add('ask', 'ask a person on behalf of a session')
    .argument('<question>')
    .option('--session <name>', 'who asks (default: the session that this runs in)')
    .option('--context <text>', 'what one has to know')
    .option('--choice <text...>', 'answers to choose from')
    .option('--within <minutes>', 'it expires after this', (value) =>
      parseWholeNumber('--within', value, 1, 100_000),
    )
    .action(askOne)
}

const examples = `
Examples:
  ./deploy.sh questions list
  ./deploy.sh questions answer 4 "Yes, drop it"
  ./deploy.sh questions ask "Which region?" --session dev_w1 --choice eu us --within 60
`
