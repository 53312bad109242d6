import { Option, type Command } from 'commander'
import { isAppError } from '../../core/errors.ts'
import { readConfig } from '../../config.ts'
import { toolsEnvironment, toolsProgram } from '../../launch/tools.ts'
import { openOutput } from '../output/output.ts'
import { requireHere } from '../with.ts'
import {
  isRegistered,
  register,
  registeringAgents,
  unregister,
  type RegisteringAgent,
} from './registration.ts'

interface Options {
  agent: RegisteringAgent
}

export function addMcp(program: Command) {
  const mcp = program
    .command('mcp')
    .description('give agents the tools by which they work together (Model Context Protocol)')
    .addHelpText('after', examples)
  const which = () => new Option('--agent <agent>', 'whose').choices(registeringAgents).makeOptionMandatory()
  mcp
    .command('install')
    .description('register the tools with an agent, for all your projects')
    .addOption(which())
    .action(({ agent }: Options) => install(agent))
  mcp
    .command('remove')
    .description('undo install')
    .addOption(which())
    .action(({ agent }: Options) => remove(agent))
  mcp
    .command('status')
    .description('which agents have the tools')
    .option('--json', 'answer in JSON')
    .action(showStatus)
  mcp
    .command('serve')
    .description('what an agent starts: the tools on standard input and output')
    .action(async () => {
      const { serveOverStdio } = await import('./serve.ts')
      return serveOverStdio()
    })
}

async function install(agent: RegisteringAgent) {
  requireHere(`mcp install --agent ${agent}`)
  // Only what was said here: without it, the program beside the agent finds the same by itself.
  const said = Object.entries(toolsEnvironment(readConfig(process.env))).filter(([name]) => process.env[name])
  await register(agent, { command: toolsProgram, env: Object.fromEntries(said) })
  openOutput().line(
    `${agent} has Architect's tools from its next start on. ./deploy.sh mcp remove --agent ${agent} takes them away.`,
  )
}

async function remove(agent: RegisteringAgent) {
  requireHere(`mcp remove --agent ${agent}`)
  const wasThere = await unregister(agent)
  openOutput().line(
    wasThere ? `${agent} has lost Architect's tools.` : `${agent} did not have Architect's tools.`,
  )
}

async function showStatus({ json }: { json?: true }) {
  requireHere('mcp status')
  const states = await Promise.all(
    registeringAgents.map(async (agent) => ({ agent, tools: await stateOf(agent) })),
  )
  const output = openOutput({ json: json ?? false })
  if (json) return output.document(states)
  output.table(states, [
    { title: 'AGENT', value: ({ agent }) => agent },
    { title: 'TOOLS', value: ({ tools }) => tools.replace('_', ' ') },
  ])
}

async function stateOf(agent: RegisteringAgent): Promise<'registered' | 'not_registered' | 'not_installed'> {
  try {
    return (await isRegistered(agent)) ? 'registered' : 'not_registered'
  } catch (error) {
    if (isAppError(error, 'unavailable')) return 'not_installed'
    throw error
  }
}

const examples = `
Examples:
  ./deploy.sh mcp install --agent claude
  ./deploy.sh mcp status
`
