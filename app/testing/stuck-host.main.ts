import { setTimeout as sleep } from 'node:timers/promises'
import { parseSockets } from '../hosts/tmux/sockets.ts'
import { TmuxHost } from '../hosts/tmux/tmux-host.ts'

/*
 * A process that asks the tmux server of the socket that it is given for far more than it reads, and dies in
 * the middle: its tmux client then holds output that nobody takes.
 */

const [socketPath] = process.argv.slice(2)
if (!socketPath) throw new Error('Name the socket.')

const host = new TmuxHost({ node: 'test', sockets: parseSockets(socketPath) })
const [pane] = await host.list()
for (let n = 0; n < 300; n += 1) host.history(pane!, 2_000).catch(() => undefined)
await sleep(0)
for (const until = Date.now() + 150; Date.now() < until;);
process.kill(process.pid, 'SIGKILL')
