import type { NewInteraction } from '../db/interaction/open.ts'

/** What a Claude Code in `web` asks: whether it may run `npm test`; or something that differs as given. */
export function askedByWeb(changes: Partial<NewInteraction> = {}): NewInteraction {
  return {
    agent: 'claude',
    kind: 'permission',
    tool: 'shell',
    toolName: 'Bash',
    input: { command: 'npm test' },
    inputFrom: 'screen',
    inputWhole: true,
    unsure: null,
    sessionKey: 'n/default/%1',
    sessionName: 'web',
    node: 'n',
    generation: '1.2.3',
    cwd: '/code/web',
    promptId: null,
    callId: null,
    question: 'Do you want to proceed?',
    options: [
      { keys: ['1'], label: 'Yes', meaning: 'allow_once' },
      { keys: ['2'], label: 'No', meaning: 'deny' },
    ],
    selected: 0,
    screen: 'npm test',
    screenDigest: 'd1',
    ...changes,
  }
}
