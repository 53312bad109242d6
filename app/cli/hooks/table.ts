import type { HookState, HookStatus } from '../../hooks/settings/install.ts'
import type { Output } from '../output/output.ts'

const words: Record<HookState, string> = {
  installed: 'installed',
  not_installed: 'not installed',
  outdated: 'outdated',
  needs_trust: 'needs trust',
  switched_off: 'switched off',
  broken: 'settings broken',
}

const advice: Record<HookState, (status: HookStatus) => string> = {
  installed: () => '',
  not_installed: ({ agent }) => `./deploy.sh hooks install --agent ${agent}`,
  outdated: ({ agent }) => `./deploy.sh hooks install --agent ${agent}`,
  needs_trust: () => 'start codex; it shows them and asks you to trust them',
  switched_off: () => 'its settings tell it to run no hooks',
  broken: ({ fault }) => fault ?? '',
}

export function showHookStatus(output: Output, found: HookStatus[]) {
  output.table(found, [
    { title: 'AGENT', value: ({ agent }) => agent },
    { title: 'HOOKS', value: ({ state }) => words[state] },
    { title: 'SETTINGS', value: ({ file }) => file },
    { title: 'WHAT TO DO', flexible: true, value: (status) => advice[status.state](status) },
  ])
}
