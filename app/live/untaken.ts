import type { LiveSocket } from './socket.ts'

/** Messages that wait in the server for a client's network. */
export function untakenMessages(socket: LiveSocket): number {
  return packetsOf(socket).length
}

/** The same in characters of text, which are bytes at least. */
export function untakenCharacters(socket: LiveSocket): number {
  return packetsOf(socket).reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
}

/** Engine.IO keeps what the network has not taken; its types call that its own business. */
function packetsOf({ conn }: LiveSocket): { data?: { length: number } }[] {
  return (conn as unknown as { writeBuffer: { data?: { length: number } }[] }).writeBuffer
}
