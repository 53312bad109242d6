import { readInvitation } from '../../core/join-token.ts'
import { noFacts, nodeProtocol, type Node } from '../../core/node.ts'
import { simulatedTag } from '../../core/simulated.ts'
import { packageVersion } from '../../version.ts'
import { joinCluster, pinnedCertificate } from '../../../distributed/agent/join.ts'
import type { Membership } from '../../../distributed/agent/connection.ts'
import type { NodeDesk } from '../nodes/desk.ts'

/** `sim-0001`, `sim-0002`, … without those that somebody gave to a real machine. */
export function freeNames(count: number, known: readonly Node[]): string[] {
  const real = new Set(
    known.filter(({ tags }) => !tags.includes(simulatedTag)).map(({ name }) => name.toLowerCase()),
  )
  const names: string[] = []
  for (let number = 1; names.length < count; number += 1) {
    const name = `sim-${String(number).padStart(4, '0')}`
    if (!real.has(name)) names.push(name)
  }
  return names
}

/** Takes the way of every machine: an invitation for its name, and its own key for that. */
export async function joinSimulated(desk: NodeDesk, url: string, name: string): Promise<Membership> {
  const { token } = await desk.invite({ name, tags: [simulatedTag], url })
  const { fingerprint } = readInvitation(token)
  const ca = fingerprint === null ? null : await certificateOf(url, fingerprint)
  const agentVersion = packageVersion()
  const joined = await joinCluster(url, ca, {
    token,
    name,
    protocol: nodeProtocol,
    agentVersion,
    facts: noFacts,
  })
  return { url, ...joined, agentVersion, ...(ca !== null && { ca }) }
}

/** Looked at once: it is the same for all of them. */
function certificateOf(url: string, fingerprint: string): Promise<string> {
  const key = `${url} ${fingerprint}`
  const known = certificates.get(key) ?? pinnedCertificate(url, fingerprint)
  certificates.set(key, known)
  return known
}

const certificates = new Map<string, Promise<string>>()
