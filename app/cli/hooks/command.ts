import { Option, type Command } from 'commander'
import { readConfig } from '../../config.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { hookedAgents, type HookedAgent } from '../../hooks/messages/read.ts'
import { hookPaths } from '../../hooks/paths.ts'
import { prepareHookFolder } from '../../hooks/prepare.ts'
import { hookStatus, installHooks, presentAgents, removeHooks } from '../../hooks/settings/install.ts'
import type { SettingsChoice } from '../../hooks/settings/places.ts'
import { openOutput } from '../output/output.ts'
import { requireHere } from '../with.ts'
import { showHookStatus } from './table.ts'

interface HooksOptions {
  agent?: HookedAgent
  project?: string
  json?: true
}

export function addHooks(program: Command) {
  const hooks = program
    .command('hooks')
    .description('have agents tell what they do, instead of reading it off their screens only')
    .addHelpText('after', examples)
  const add = (name: string, description: string, run: (options: HooksOptions) => Promise<void>) =>
    hooks
      .command(name)
      .description(description)
      .addOption(new Option('--agent <kind>', 'only this agent').choices(hookedAgents))
      .option('--project <dir>', "this project's settings instead of the user's own")
      .option('--json', 'answer in JSON')
      .action((options: HooksOptions) => {
        requireHere(`hooks ${name}`)
        return run(options)
      })
  add('install', "put Architect's hooks into the agents' settings", install)
  add('remove', "take Architect's hooks out of the agents' settings", remove)
  add('status', 'say where hooks are installed', status)
}

async function install(options: HooksOptions) {
  const agents = chosenAgents(options)
  if (agents.length === 0) {
    throw new AppError(
      'not_found',
      'No agent has settings here. Start one first, or name one: ./deploy.sh hooks install --agent claude',
    )
  }
  const { program } = await prepareHookFolder(readConfig(process.env).dataDir)
  await forEach(agents, (agent) => installHooks(agent, program, choiceOf(options)))
  await status(options)
}

async function remove(options: HooksOptions) {
  const { program } = hookPaths(readConfig(process.env).dataDir)
  await forEach(options.agent ? [options.agent] : hookedAgents, (agent) =>
    removeHooks(agent, program, choiceOf(options)),
  )
  await status(options)
}

async function status(options: HooksOptions) {
  const { program } = hookPaths(readConfig(process.env).dataDir)
  const agents = options.agent ? [options.agent] : hookedAgents
  const found = await Promise.all(agents.map((agent) => hookStatus(agent, program, choiceOf(options))))
  const output = openOutput(options)
  if (output.json) return output.document({ items: found })
  showHookStatus(output, found)
}

/** One agent's broken settings do not keep the others from theirs. */
async function forEach(agents: readonly HookedAgent[], act: (agent: HookedAgent) => Promise<unknown>) {
  const faults: string[] = []
  for (const agent of agents) {
    try {
      await act(agent)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      faults.push(messageOf(error))
    }
  }
  if (faults.length > 0) throw new AppError('invalid', faults.join('\n'))
}

function chosenAgents(options: HooksOptions): readonly HookedAgent[] {
  return options.agent ? [options.agent] : presentAgents(choiceOf(options))
}

function choiceOf({ project }: HooksOptions): SettingsChoice {
  return { env: process.env, project: project ?? null }
}

const examples = `
Examples:
  ./deploy.sh hooks install                          every agent that has settings here
  ./deploy.sh hooks install --agent claude --project ~/code/shop
  ./deploy.sh hooks status --json
  ./deploy.sh hooks remove

Only Architect's own entries are written and removed; the file as it was stays beside it
(settings.json.before-architect). Codex asks a person once whether it may run new hooks.
`
