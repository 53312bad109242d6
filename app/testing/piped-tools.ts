import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { environmentOf, type TestBroker } from './broker.ts'
import { builtProgram } from './product.ts'

/**
 * The official client, speaking over standard input and output with the program that an agent starts for its tools.
 * That one runs in the pane of the session that it speaks for, so two named pipes lead there.
 */
export async function openPipedTools({ server, config }: TestBroker, session: string): Promise<Client> {
  const [inward, outward] = [join(server.folder, `${session}.in`), join(server.folder, `${session}.out`)]
  await promisify(execFile)('mkfifo', [inward, outward])
  const variables = Object.entries(environmentOf(config.dataDir, server.socketPath)).map(
    ([name, value]) => `${name}='${value}'`,
  )
  const program = `'${process.execPath}' '${builtProgram('app/cli')}' mcp serve`
  await server.open({
    name: session,
    command: ['sh', '-c', `env ${variables.join(' ')} ${program} <'${inward}' >'${outward}'`],
  })
  const client = new Client({ name: 'test', version: '1' })
  const relay = `cat >'${inward}' <&3 3<&- & exec cat '${outward}' 3<&-`
  await client.connect(new StdioClientTransport({ command: 'sh', args: ['-c', `exec 3<&0; ${relay}`] }))
  return client
}
