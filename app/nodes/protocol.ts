import { AppError } from '../core/errors.ts'
import { nodeProtocol, oldestNodeProtocol } from '../core/node.ts'

/** Throws `conflict` that says which side to upgrade. */
export function requireProtocol(name: string, protocol: number, agentVersion: string | null): void {
  if (protocol >= oldestNodeProtocol && protocol <= nodeProtocol) return
  const agent = `The node agent of ${name}${agentVersion === null ? '' : ` (version ${agentVersion})`}`
  if (protocol > nodeProtocol) {
    throw new AppError(
      'conflict',
      `${agent} speaks protocol ${protocol}, this dashboard ${nodeProtocol} at most. Upgrade the dashboard.`,
    )
  }
  throw new AppError(
    'conflict',
    `${agent} speaks protocol ${protocol}, this dashboard ${oldestNodeProtocol} at least. Upgrade the node: ` +
      'install the version of the dashboard there and start its agent again.',
  )
}
