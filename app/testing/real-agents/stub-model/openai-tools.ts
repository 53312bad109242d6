import type { ToolCall } from './dialect.ts'
import { readMcpCall, type ToolKind, type ToolWish } from './directives.ts'

/** A tool as the request describes it; Chat Completions wraps it into `function`. */
export interface OfferedTool {
  name: string
  /** Takes free text instead of JSON. */
  takesText: boolean
}

/** The call that Codex and opencode understand, among the tools that they offered; null when none fits. */
export function openaiCall(wish: ToolWish, offered: OfferedTool[]): ToolCall | null {
  for (const [name, input] of candidates[wish.kind](wish.argument)) {
    const tool = offered.find((each) => each.name === name)
    if (!tool) continue
    if (tool.takesText && typeof input.input === 'string') return { name, input: {}, raw: input.input }
    return { name, input }
  }
  return null
}

type Candidate = [name: string, input: Record<string, unknown>]

/** Codex asks a person only about what the model says it must run outside its sandbox. */
function escalation(command: string): Record<string, string> {
  if (!/^(touch|rm|mv|cp|npm)\b/.test(command)) return {}
  return { sandbox_permissions: 'require_escalated', justification: 'It changes files.' }
}

const runCommand = (command: string): Candidate[] => [
  ['exec_command', { cmd: command, ...escalation(command) }],
  ['shell_command', { command, ...escalation(command) }],
  ['shell', { command: ['bash', '-lc', command] }],
  ['bash', { command, description: `Run ${command.slice(0, 30)}` }],
]

function patchCall(body: string): Candidate {
  const patch = `*** Begin Patch\n${body}\n*** End Patch`
  return ['apply_patch', { input: patch, patchText: patch }]
}

/** Names under which versions of both agents have had each tool, with the input that it takes. */
const candidates: Record<ToolKind, (argument: string) => Candidate[]> = {
  bash: runCommand,
  background: runCommand,
  write: (path) => [
    ['write', { filePath: path, content: 'hello from stub\n' }],
    patchCall(`*** Add File: ${path}\n+hello from stub`),
  ],
  edit: (path) => [
    ['edit', { filePath: path, oldString: 'hello', newString: 'goodbye' }],
    patchCall(`*** Update File: ${path}\n@@\n-hello\n+goodbye`),
  ],
  fetch: (url) => [['webfetch', { url, format: 'text' }]],
  ask: (which) => [
    [
      'request_user_input',
      {
        questions:
          which === 'both'
            ? [
                { id: 'db', ...databaseQuestion },
                { id: 'lang', ...languageQuestion },
              ]
            : [{ id: 'db', ...databaseQuestion }],
      },
    ],
    ['question', { questions: which === 'both' ? [databaseQuestion, languageQuestion] : [databaseQuestion] }],
  ],
  plan: () => [['update_plan', { plan: [{ step: 'First', status: 'in_progress' }] }]],
  mcp: (argument) => {
    const { tool, input } = readMcpCall(argument)
    return [
      [`mcp__architect/${tool}`, input],
      [`mcp__architect__${tool}`, input],
      [`architect__${tool}`, input],
      [`architect_${tool}`, input],
    ]
  },
  task: (seconds) => [
    ['task', { description: 'Sub', prompt: `[[sleep ${seconds || 5}]] sub`, subagent_type: 'general' }],
  ],
}

const databaseQuestion = {
  header: 'Database',
  question: 'Which database?',
  options: [
    { label: 'SQLite', description: 'One file' },
    { label: 'Postgres', description: 'Server' },
  ],
}

const languageQuestion = {
  header: 'Language',
  question: 'Which language?',
  options: [
    { label: 'Go', description: 'Compiled' },
    { label: 'Rust', description: 'Checked' },
  ],
}
