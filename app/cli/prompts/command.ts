import { Option, type Command } from 'commander'
import { promptStates, type PromptState } from '../../core/prompt.ts'
import { parsePrompt, parseWholeNumber } from '../arguments.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'
import { showPrompts } from './table.ts'

export interface PromptsOptions {
  state?: PromptState[]
  session?: string
  limit?: number
  before?: number
  json?: true
}

export function addPrompts(program: Command) {
  program
    .command('prompts')
    .description('list recent prompts, the newest first')
    .addOption(new Option('--state <state...>', 'only these states').choices(promptStates))
    .option('--session <name>', 'only those of this session')
    .option('--limit <n>', 'how many (default: 20)', (value) => parseWholeNumber('--limit', value, 1, 1000))
    .option('--before <id>', 'older ones than this', (value) => parsePrompt('--before', value))
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExample:\n  ./deploy.sh prompts --state failed --json')
    .action(listRecentPrompts)
}

export async function listRecentPrompts(options: PromptsOptions): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const { items, nextCursor } = await desk.prompts({
      limit: options.limit ?? 20,
      ...(options.state && { states: options.state }),
      ...(options.session !== undefined && { sessionName: options.session }),
      ...(options.before !== undefined && { before: options.before }),
    })
    if (output.json) return output.document({ items: toJson(items), next_cursor: nextCursor })
    showPrompts(output, items, Date.now())
    if (nextCursor !== null) output.remark(`Older ones: ./deploy.sh prompts --before ${nextCursor}`)
  })
}
