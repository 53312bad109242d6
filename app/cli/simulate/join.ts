import type { EpochMs } from '../../core/clock.ts'
import { readInvitation } from '../../core/join-token.ts'
import { noFacts, nodeProtocol, type Node } from '../../core/node.ts'
import { simulatedTag } from '../../core/simulated.ts'
import { packageVersion } from '../../version.ts'
import { joinCluster, pinnedCertificate } from '../../../distributed/agent/join.ts'
import type { Membership } from '../../../distributed/agent/connection.ts'
import type { NodeDesk } from '../nodes/desk.ts'

/** A simulated node that was let in so recently, in ms, may still be on its way. */
const joiningMs = 60_000

/**
 * `sim-0001`, `sim-0002`, … without those that somebody gave to a real machine, and those of another simulation that
 * runs: it would lose its keys.
 */
export function freeNames(count: number, known: readonly Node[], now: EpochMs): string[] {
  const taken = new Set(known.filter((node) => isTaken(node, now)).map(({ name }) => name.toLowerCase()))
  const names: string[] = []
  for (let number = 1; names.length < count; number += 1) {
    const name = `sim-${String(number).padStart(4, '0')}`
    if (!taken.has(name)) names.push(name)
  }
  return names
}

function isTaken({ tags, state, since }: Node, now: EpochMs): boolean {
  if (!tags.includes(simulatedTag) || state === 'online') return true
  return state === 'expected' && now - since < joiningMs
}

/**
 * Each gets a key of its own. On another machine they take the way of every machine, one invitation after the other
 * and while others join; here, where a person could write the keys down as well, they are made at once.
 */
export async function joiningOf(
  desk: NodeDesk,
  url: string,
  names: readonly string[],
): Promise<(index: number) => Promise<Membership>> {
  const keys = await desk.enrol(names, [simulatedTag])
  if (keys === null) return (index) => joinByInvitation(desk, url, names[index]!)
  const ca = url.startsWith('https:') ? await certificateInvitedTo(desk, url) : null
  return async (index) => membershipOf(url, { name: names[index]!, key: keys[index]! }, ca)
}

/** An invitation carries its fingerprint; null: it is checked as usual. */
async function certificateInvitedTo(desk: NodeDesk, url: string): Promise<string | null> {
  const { token } = await desk.invite({ name: null, tags: [simulatedTag], url })
  const { fingerprint } = readInvitation(token)
  return fingerprint === null ? null : certificateOf(url, fingerprint)
}

async function joinByInvitation(desk: NodeDesk, url: string, name: string): Promise<Membership> {
  const { token } = await desk.invite({ name, tags: [simulatedTag], url })
  const { fingerprint } = readInvitation(token)
  const ca = fingerprint === null ? null : await certificateOf(url, fingerprint)
  const agentVersion = packageVersion()
  const asked = { token, name, protocol: nodeProtocol, agentVersion, facts: noFacts }
  return membershipOf(url, await joinCluster(url, ca, asked), ca)
}

function membershipOf(url: string, joined: { name: string; key: string }, ca: string | null): Membership {
  return { url, ...joined, agentVersion: packageVersion(), ...(ca !== null && { ca }) }
}

/** Looked at once: it is the same for all of them. */
function certificateOf(url: string, fingerprint: string): Promise<string> {
  const key = `${url} ${fingerprint}`
  const known = certificates.get(key) ?? pinnedCertificate(url, fingerprint)
  certificates.set(key, known)
  return known
}

const certificates = new Map<string, Promise<string>>()
