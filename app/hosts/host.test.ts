import { startFakeWorld, startTmuxWorld } from '../testing/host-worlds.ts'
import { describeHost } from './host.contract.ts'

const worlds = { fake: startFakeWorld, tmux: () => startTmuxWorld() }

for (const [name, start] of Object.entries(worlds)) describeHost(name, start)
