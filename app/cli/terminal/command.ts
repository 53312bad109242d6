import type { Command } from 'commander'
import { UsageError } from '../failure.ts'
import { sendPrompt } from '../assigner/send.ts'
import { showStatus } from '../status.ts'
import { runTerminal } from './run.ts'
import { watchEverything } from './watch.ts'

interface TerminalOptions {
  send?: string
  watch?: true
  status?: true
  json?: true
}

export function addTerminal(program: Command) {
  program
    .command('terminal')
    .description('an interactive terminal: os: TEXT sends a prompt, help shows the rest')
    .option('--send <prompt>', 'queue one prompt and leave; - reads it from standard input')
    .option('--watch', 'only show what happens, until Ctrl-C')
    .option('--status', 'show queue and sessions and leave')
    .option('--json', 'with --send, --watch or --status: answer in JSON')
    .addHelpText(
      'after',
      "\nExamples:\n  ./deploy.sh terminal\n  echo 'os:5: Run the tests' | ./deploy.sh terminal",
    )
    .action(openTerminal)
}

async function openTerminal({ send, watch, status, json }: TerminalOptions): Promise<void> {
  const chosen = [send !== undefined, watch, status].filter(Boolean).length
  if (chosen > 1) throw new UsageError('Only one of --send, --watch and --status at a time.')
  if (json && chosen === 0) throw new UsageError('--json goes with --send, --watch or --status.')
  const answer = json ? { json } : {}
  if (send !== undefined) return sendPrompt({ send, ...answer })
  if (status) return showStatus(answer)
  if (watch) return watchEverything(answer)
  return runTerminal()
}
