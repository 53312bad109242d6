import type { Node } from '../core/node.ts'

/** A machine as an ssh client knows it. */
export interface SshHost {
  node: string
  label: string
  group: string
  host: string
  port: number
  user: string | null
  tags: string[]
}

/** Machines that ssh may reach, and those of which no address is known. */
export interface SshHosts {
  hosts: SshHost[]
  left_out: { node: string; why: string }[]
}

const group = 'Architect'

export function sshHostsOf(nodes: readonly Node[]): SshHosts {
  const found: SshHosts = { hosts: [], left_out: [] }
  for (const { name, state, ssh, facts, tags } of nodes) {
    const host = [ssh.host, ...facts.addresses, facts.hostname].find(isHost)
    if (state === 'revoked') found.left_out.push({ node: name, why: 'it was revoked' })
    else if (!host) found.left_out.push({ node: name, why: 'no address of it is known' })
    else {
      const user = ssh.user ?? plainUser(facts.user)
      found.hosts.push({ node: name, label: name, group, host, port: ssh.port ?? 22, user, tags })
    }
  }
  return found
}

/** The columns of Termius' own template for importing hosts. */
const columns = 'Groups,Label,Tags,Hostname/IP,Protocol,Port,Username,Password'

/** What Termius imports as CSV; passwords are nobody's business here. */
export function termiusCsv({ hosts }: SshHosts): string {
  const rows = hosts.map(({ label, group: groups, host, port, user, tags }) =>
    [groups, label, tags.join(','), host, 'ssh', String(port), user ?? '', ''].map(cell).join(','),
  )
  return [columns, ...rows].join('\r\n') + '\r\n'
}

/** What goes into `~/.ssh/config`, which Termius imports as well. */
export function sshConfig({ hosts }: SshHosts): string {
  const blocks = hosts.map(({ label, host, port, user, tags }) =>
    [
      ...(tags.length > 0 ? [`# ${tags.join(', ')}`] : []),
      `Host ${label}`,
      `    HostName ${host}`,
      `    Port ${port}`,
      ...(user === null ? [] : [`    User ${user}`]),
    ].join('\n'),
  )
  return `${blocks.join('\n\n')}\n`
}

/** A cell that begins like a formula would be one in a spreadsheet. */
function cell(text: string): string {
  const plain = /^[=+@\t\r-]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** What a node says of itself goes into a file that ssh obeys: only what an address can be. */
function isHost(text: string | null | undefined): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9:][\w.:-]{0,252}$/.test(text)
}

/** …and only what a user name can be. */
function plainUser(user: string | null): string | null {
  return user !== null && /^[A-Za-z_][\w.-]{0,31}$/.test(user) ? user : null
}
