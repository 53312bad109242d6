import { Command } from 'commander'
import { packageVersion } from '../version.ts'

interface Part {
  /** The commands that it adds. */
  names: string[]
  load: () => Promise<(program: Command) => void>
}

/** Every command behind `./deploy.sh`, in the order of the help; each one's file says its options and does its work. */
export const parts: Part[] = [
  { names: ['start'], load: async () => (await import('./start.ts')).addStart },
  { names: ['assigner'], load: async () => (await import('./assigner/command.ts')).addAssigner },
  { names: ['terminal'], load: async () => (await import('./terminal/command.ts')).addTerminal },
  { names: ['sessions'], load: async () => (await import('./sessions/command.ts')).addSessions },
  { names: ['nodes'], load: async () => (await import('./nodes/command.ts')).addNodes },
  { names: ['prompts'], load: async () => (await import('./prompts/command.ts')).addPrompts },
  { names: ['questions'], load: async () => (await import('./questions/command.ts')).addQuestions },
  {
    names: ['notifications'],
    load: async () => (await import('./notifications/command.ts')).addNotifications,
  },
  {
    names: ['projects', 'features', 'bugs', 'devops-tasks', 'search'],
    load: async () => (await import('./work/command.ts')).addWork,
  },
  {
    names: ['suggestions'],
    load: async () => (await import('./suggestions/command.ts')).addSuggestions,
  },
  { names: ['errors'], load: async () => (await import('./errors/command.ts')).addErrors },
  { names: ['explain'], load: async () => (await import('./explain.ts')).addExplain },
  { names: ['interactions'], load: async () => (await import('./interactions/command.ts')).addInteractions },
  { names: ['patterns'], load: async () => (await import('./patterns/command.ts')).addPatterns },
  { names: ['hooks'], load: async () => (await import('./hooks/command.ts')).addHooks },
  { names: ['locks'], load: async () => (await import('./locks/command.ts')).addLocks },
  { names: ['vault'], load: async () => (await import('./vault/command.ts')).addVault },
  { names: ['accounts'], load: async () => (await import('./accounts/command.ts')).addAccounts },
  { names: ['ssh-key'], load: async () => (await import('./ssh-key/command.ts')).addSshKey },
  { names: ['tasks'], load: async () => (await import('./tasks/command.ts')).addTasks },
  { names: ['workers'], load: async () => (await import('./workers/command.ts')).addWorkers },
  { names: ['task-worker'], load: async () => (await import('./task-worker/command.ts')).addTaskWorker },
  { names: ['screens'], load: async () => (await import('./screens.ts')).addScreens },
  {
    names: ['setup-sessions'],
    load: async () => (await import('./setup-sessions/command.ts')).addSetupSessions,
  },
  { names: ['node-agent'], load: async () => (await import('./node-agent/command.ts')).addNodeAgent },
  { names: ['sources'], load: async () => (await import('./sources/command.ts')).addSources },
  {
    names: ['milestone-worker'],
    load: async () => (await import('./milestone-worker/command.ts')).addMilestoneWorker,
  },
  { names: ['test-suite'], load: async () => (await import('./test-suite/command.ts')).addTestSuite },
  { names: ['simulate'], load: async () => (await import('./simulate/command.ts')).addSimulate },
  { names: ['mcp'], load: async () => (await import('./mcp/command.ts')).addMcp },
  { names: ['passwd'], load: async () => (await import('./passwd/command.ts')).addPasswd },
  { names: ['status'], load: async () => (await import('./status.ts')).addStatus },
  { names: ['stop'], load: async () => (await import('./stop.ts')).addStop },
]

/** The program that understands these arguments: with the command that they name, or with all of them. */
export async function buildProgram(args: string[]): Promise<Command> {
  const program = new Command('./deploy.sh')
    .description('Delivers prompts to coding agents in tmux exactly once, and knows what every session does.')
    .version(packageVersion(), '-v, --version')
    .showHelpAfterError('Run with --help to see what is possible.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'architect: ')) })
    .exitOverride()
    .helpCommand(true)
  for (const add of await Promise.all(meant(args).map(({ load }) => load()))) add(program)
  return program.addHelpText('after', environmentHelp)
}

/** Most commands need little, and what they don't need would cost them half a second. */
function meant([name = '']: string[]): Part[] {
  const part = parts.find(({ names }) => names.includes(name))
  return part ? [part] : parts
}

const environmentHelp = `
Tests: ./deploy.sh test [--real-agents] [vitest arguments]

Environment:
  ARCHITECT_DATA         folder of all run-time files (default: data beside deploy.sh)
  ARCHITECT_TMUX_SOCKET  tmux server: a name is tmux -L, a path with / is tmux -S, commas separate several
                         (default: your own server)
  ARCHITECT_NODE         name of this machine (default: its host name)
  ARCHITECT_URL          another machine's dashboard: assigner, terminal, prompts, sessions, nodes,
                         questions, interactions, patterns, notifications, projects, features, bugs,
                         devops-tasks, suggestions, sources, search, errors, locks, vault, accounts, ssh-key,
                         tasks, workers, explain and status work there; what is about this machine alone refuses
  ARCHITECT_TOKEN        what opens it; made at its /settings/tokens
  DATABASE_URL           postgres://… instead of SQLite, for several replicas
  HOST, PORT             where the dashboard listens (default: 0.0.0.0, 8080)
  ARCHITECT_USER         name of the first user (default: architect)
  ARCHITECT_PASSWORD     password of that user, set by each start (default: made up by the first one)
  SESSION_TIMEOUT        seconds without activity that end a login (default: 3600)
  SESSION_COOKIE_SECURE  true: logins over HTTPS only, for a proxy in front (default: false)
  TRUST_PROXY            proxies that tell the client's address: loopback, or addresses
  SECRET_KEY             signs logins and short-lived tokens (default: data/secret-key)
  ARCHITECT_TASK_TYPES, ARCHITECT_TASK_CONCURRENCY
                         what the dashboard's task worker does (default: all), and how many at a time
  LOG_LEVEL              trace, debug, info (default), warn, error, fatal, silent
  NO_COLOR               no colours

The first prompt:
  tmux new-session -d -s dev 'claude'          an agent, as you would start it anyway
  ./deploy.sh --daemon                         dashboard and assigner, in the background
  ./deploy.sh assigner --send 'Say hello'      queued, delivered, answered
  ./deploy.sh assigner --result 1
`
