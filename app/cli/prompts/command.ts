import { Option, type Command } from 'commander'
import { promptStates, type PromptState } from '../../core/prompt.ts'
import { parsePrompt, parseWholeNumber } from '../arguments.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'
import { escalations } from '../../broker/delegation/escalate.ts'
import { escalatePrompt } from './escalate.ts'
import { nest } from './nest.ts'
import { acceptResult, sendResultBack } from './review.ts'
import { showPrompts } from './table.ts'
import { showTree } from './tree.ts'

export interface PromptsOptions {
  state?: PromptState[]
  session?: string
  limit?: number
  before?: number
  tree?: true
  json?: true
}

export function addPrompts(program: Command) {
  const prompts = program
    .command('prompts')
    .description('list recent prompts, the newest first')
    .addOption(new Option('--state <state...>', 'only these states').choices(promptStates))
    .option('--session <name>', 'only those of this session')
    .option('--limit <n>', 'how many (default: 20)', (value) => parseWholeNumber('--limit', value, 1, 1000))
    .option('--before <id>', 'older ones than this', (value) => parsePrompt('--before', value))
    .option('--tree', 'each part below what it is a part of')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action(listRecentPrompts)
  prompts
    .command('tree')
    .description('everything that a prompt belongs to: what it is a part of, and its own parts')
    .argument('<id>', 'any prompt of the tree', parseId)
    .action((id: number, _: unknown, command: Command) => showTree(id, command.optsWithGlobals()))
  prompts
    .command('accept')
    .description('take the result of a prompt as it is')
    .argument('<id>', 'a prompt that is over', parseId)
    .argument('[comment]', 'kept with it')
    .action((id: number, comment: string | undefined, _: unknown, command: Command) =>
      acceptResult(id, comment ?? null, command.optsWithGlobals()),
    )
  prompts
    .command('send-back')
    .description('give a result back: the comment is what the same session is told next')
    .argument('<id>', 'a prompt that is over', parseId)
    .argument('<comment>', 'what is to be done differently; - reads it from standard input')
    .action((id: number, comment: string, _: unknown, command: Command) =>
      sendResultBack(id, comment, command.optsWithGlobals()),
    )
  prompts
    .command('escalate')
    .description('ask about a prompt: the session that delegated it, or a person')
    .argument('<id>', 'a prompt that a session works on, or worked on', parseId)
    .option('--reason <text>', 'what is asked; - reads it from standard input')
    .addOption(
      new Option('--to <whom>', 'default: the session that delegated it, else a person').choices(escalations),
    )
    .action((id: number, _: unknown, command: Command) => escalatePrompt(id, command.optsWithGlobals()))
}

const parseId = (value: string) => parsePrompt('<id>', value)

const examples = `
Examples:
  ./deploy.sh prompts --state failed --json
  ./deploy.sh prompts --tree --limit 100
  ./deploy.sh prompts tree 12
  ./deploy.sh prompts escalate 12 --to person --reason "Which of the two databases?"
`

export async function listRecentPrompts(options: PromptsOptions): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const { items, nextCursor } = await desk.prompts({
      limit: options.limit ?? 20,
      ...(options.state && { states: options.state }),
      ...(options.session !== undefined && { sessionName: options.session }),
      ...(options.before !== undefined && { before: options.before }),
    })
    const rows = options.tree ? nest(items) : items
    if (output.json) return output.document({ items: toJson(rows), next_cursor: nextCursor })
    showPrompts(output, rows, Date.now())
    if (nextCursor !== null) output.remark(`Older ones: ./deploy.sh prompts --before ${nextCursor}`)
  })
}
