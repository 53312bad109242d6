import { homedir } from 'node:os'
import type { Config } from '../config.ts'
import type { LaunchProfile } from '../core/agent.ts'
import { AppError } from '../core/errors.ts'
import type { Launcher, WantedProgram } from '../core/launcher.ts'
import type { AgentKind } from '../core/session.ts'
import { equipAgent, takesEquipment, type EquipConfig, type ToolPlace } from './equip.ts'
import { withSecrets } from './secrets.ts'

export interface LauncherOptions {
  config: EquipConfig & Pick<Config, 'runtimeDir'>
  /** The agents that this machine knows. */
  library: ReadonlyMap<AgentKind, { launch: LaunchProfile }>
  /** Where agents that are started now find their tools. */
  findTools: () => Promise<ToolPlace>
}

/** How programs are started on this machine. */
export function launcherHere({ config, library, findTools }: LauncherOptions): Launcher {
  return {
    async prepare(wanted, token, secrets) {
      const { name, agent } = wanted
      const dir = wanted.dir ?? homedir()
      const argv = argvOf(library, wanted)
      const place = await findTools()
      const equipped = await equipAgent(config, place, { name, agent, argv, dir }, token)
      const lacks = place === null && takesEquipment(agent) ? noTools : null
      const command = await withSecrets(equipped.command, secrets, config.runtimeDir)
      return { ...equipped, command, dir, note: equipped.note ?? lacks, hasSecrets: true }
    },
  }
}

const noTools =
  "It has none of Architect's tools: agents do not trust a certificate that the dashboard made itself."

function argvOf(library: LauncherOptions['library'], { agent, command }: WantedProgram): string[] {
  if (command !== null) return command
  if (agent === null) return [process.env['SHELL'] ?? 'sh']
  const rules = library.get(agent)
  if (rules) return rules.launch.start
  const known = [...library.keys()].join(', ')
  throw new AppError('invalid', `There is no agent "${agent}"; there are ${known}.`)
}
