import type { Command } from 'commander'
import { listRecentPrompts } from '../prompts/command.ts'
import { listSessions } from '../sessions/list.ts'
import { showStatus } from '../status.ts'
import { changeQueue } from './change.ts'
import { followPrompt } from './follow.ts'
import { requireHere } from '../with.ts'
import { chooseAction, declareAssignerOptions, type AssignerAction, type AssignerOptions } from './options.ts'
import { showResult } from './result.ts'
import { sendPrompt } from './send.ts'
import { startAssignerHere, startAssignerDaemon, stopAssigner } from './start.ts'

export function addAssigner(program: Command) {
  const command = program
    .command('assigner')
    .description('the queue: send prompts, see and change them; without an option: run the assigner here')
  declareAssignerOptions(command)
    .addHelpText('after', examples)
    .action((options: AssignerOptions) => act(chooseAction(options), options))
}

function act(action: AssignerAction | null, options: AssignerOptions): Promise<void> {
  if (action === null || action === 'daemon' || action === 'stop') return actHere(action, options)
  if (action === 'send' || action === 'file') return sendPrompt(options)
  if (action === 'prompts') return listRecentPrompts(options.json ? { json: true } : {})
  if (action === 'sessions') return listSessions(options)
  if (action === 'status') return showStatus(options)
  if (action === 'result') return showResult(Number(options.result), options)
  if (action === 'watch') return followPrompt(Number(options.watch), options)
  return changeQueue(action, options)
}

/** The process itself, which is this machine's. */
function actHere(action: 'daemon' | 'stop' | null, options: AssignerOptions): Promise<void> {
  requireHere(action === null ? 'assigner' : `assigner --${action}`)
  if (action === null) return startAssignerHere()
  return action === 'daemon' ? startAssignerDaemon(options) : stopAssigner(options)
}

const examples = `
Examples:
  ./deploy.sh assigner --send 'Fix the bug in login.py' --priority 5
  ./deploy.sh assigner --send 'Run the tests' --target dev_w1 --timeout 60 --watch
  git diff | ./deploy.sh assigner --send - --provider claude
  ./deploy.sh assigner --file task.md --dir ~/code/shop --fresh
  ./deploy.sh assigner --send 'Now document it' --follow-up 7
  ./deploy.sh assigner --result 7
  ./deploy.sh assigner --reassign 7 --to dev_w2

Exit codes: 0 done, 1 failed or not possible now, 2 the command line is wrong.
--watch and --result also exit 1 when the prompt failed or was cancelled.
`
