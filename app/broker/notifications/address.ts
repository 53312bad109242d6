import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Whether an address belongs to the public internet: no machine, network or use of one's own. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  if (isIPv4(bare)) return !reserved.check(bare, 'ipv4')
  if (!isIPv6(bare)) return false
  const inside = embeddedIPv4(bare)
  return inside === null ? !reserved.check(bare, 'ipv6') : isPublicAddress(inside)
}

/** IANA's special-purpose address registries; what is not for the public internet. */
const reserved = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  reserved.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  reserved.addSubnet(network, bits, 'ipv6')

/** Where the last (or, with 6to4, the second) 32 bits are the address that is really reached. */
function embeddedIPv4(address: string): string | null {
  const groups = groupsOf(address)
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.')
  const begins = (...first: number[]) => first.every((group, index) => groups[index] === group)
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0, 0, 0, 0, 0xffff, 0) || begins(0x64, 0xff9b, 0, 0, 0, 0)) {
    return dotted(groups[6]!, groups[7]!)
  }
  return begins(0x2002) ? dotted(groups[1]!, groups[2]!) : null
}

/** The eight groups of an IPv6 address, as the parser of addresses writes them out. */
function groupsOf(address: string): number[] {
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const read = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  const first = read(head)
  const last = tail === undefined ? [] : read(tail)
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
