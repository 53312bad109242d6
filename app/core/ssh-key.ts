import type { EpochMs } from './clock.ts'
import type { SecretId } from './secret.ts'

/** A key that Architect logs in to other machines with; the private half is in the vault alone. */
export interface SshKey {
  id: number
  /** The line for `authorized_keys`: `ssh-ed25519 AAAA… architect@pi-1`. */
  publicKey: string
  /** As ssh shows it: `SHA256:…`. */
  fingerprint: string
  secretId: SecretId
  /** Which version of that secret is the private half. */
  secretVersion: number
  createdAt: EpochMs
  createdBy: string
  /** null: it is the one in use. */
  replacedAt: EpochMs | null
}

/** The secret that holds the private half, in OpenSSH's format. */
export const sshKeySecretName = 'ARCHITECT_SSH_KEY'
