import type { SessionName } from './prompt.ts'

/** `node/name`, as it is stored and shown; a node's name has no slash, a session's may. */
export function sessionNameText({ node, name }: SessionName): string {
  return `${node}/${name}`
}

export function parseSessionName(text: string): SessionName {
  const slash = text.indexOf('/')
  return { node: text.slice(0, Math.max(0, slash)), name: text.slice(slash + 1) }
}

export function isSameSession(one: SessionName, other: SessionName): boolean {
  return one.node === other.node && one.name === other.name
}
