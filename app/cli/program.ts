import { Command } from 'commander'
import { packageVersion } from '../version.ts'
import { addAssigner } from './assigner/command.ts'
import { addErrors } from './errors/command.ts'
import { addExplain } from './explain.ts'
import { addInteractions } from './interactions/command.ts'
import { addHooks } from './hooks/command.ts'
import { addLocks } from './locks/command.ts'
import { addMcp } from './mcp/command.ts'
import { addMilestoneWorker } from './milestone-worker/command.ts'
import { addPatterns } from './patterns/command.ts'
import { addNodes } from './nodes/command.ts'
import { addNodeAgent } from './node-agent/command.ts'
import { addPasswd } from './passwd/command.ts'
import { addPrompts } from './prompts/command.ts'
import { addNotifications } from './notifications/command.ts'
import { addQuestions } from './questions/command.ts'
import { addScreens } from './screens.ts'
import { addSessions } from './sessions/command.ts'
import { addSetupSessions } from './setup-sessions/command.ts'
import { addSimulate } from './simulate/command.ts'
import { addSshKey } from './ssh-key/command.ts'
import { addSources } from './sources/command.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addStop } from './stop.ts'
import { addTestSuite } from './test-suite/command.ts'
import { addTaskWorker } from './task-worker/command.ts'
import { addTerminal } from './terminal/command.ts'
import { addVault } from './vault/command.ts'
import { addWork } from './work/command.ts'

/** Every command behind `./deploy.sh`; each one's file says its options and does its work. */
export function buildProgram(): Command {
  const program = new Command('./deploy.sh')
    .description('Delivers prompts to coding agents in tmux exactly once, and knows what every session does.')
    .version(packageVersion(), '-v, --version')
    .showHelpAfterError('Run with --help to see what is possible.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'architect: ')) })
    .exitOverride()
    .helpCommand(true)
  addStart(program)
  addAssigner(program)
  addTerminal(program)
  addSessions(program)
  addNodes(program)
  addPrompts(program)
  addQuestions(program)
  addNotifications(program)
  addWork(program)
  addErrors(program)
  addExplain(program)
  addInteractions(program)
  addPatterns(program)
  addHooks(program)
  addLocks(program)
  addVault(program)
  addSshKey(program)
  addTaskWorker(program)
  addScreens(program)
  addSetupSessions(program)
  addNodeAgent(program)
  addSources(program)
  addMilestoneWorker(program)
  addTestSuite(program)
  addSimulate(program)
  addMcp(program)
  addPasswd(program)
  addStatus(program)
  addStop(program)
  return program.addHelpText('after', environmentHelp)
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
                         devops-tasks, sources, search, errors, locks, vault, ssh-key, explain and status work
                         there;
                         what is about this machine alone refuses
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
