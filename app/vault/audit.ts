import type { Actor } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import type { SecretId, VaultAction, VaultDeed } from '../core/secret.ts'
import { insertDeed, signedDeeds } from '../db/secret/audit.ts'
import { changeVault } from '../db/secret/vault.ts'
import { appendEvent } from '../db/events.ts'
import type { Db } from '../db/schema.ts'
import { macOf } from './crypto.ts'
import type { OpenVault } from './keys.ts'

export interface Deed {
  action: VaultAction
  secret?: { id: SecretId; name: string; version: number }
  detail?: string
}

/**
 * Adds a row to the chain, and an event to the log, in the transaction of what it tells of: when it can't be
 * written, that does not happen either.
 */
export async function record(db: Db, vault: OpenVault, deed: Deed, by: Actor, now: EpochMs): Promise<void> {
  const { row, auditKey } = vault
  const { action, secret, detail = '' } = deed
  const [last] = await signedDeeds(db, row.head_seq - 1, 1)
  const next: VaultDeed = {
    seq: row.head_seq + 1,
    at: now,
    action,
    secretId: secret?.id ?? null,
    name: secret?.name ?? null,
    version: secret?.version ?? null,
    by,
    detail,
  }
  const mac = signDeed(auditKey, next, last?.mac ?? '')
  await insertDeed(db, { ...next, mac })
  row.head_seq = next.seq
  row.head_mac = signHead(auditKey, next.seq, mac)
  await changeVault(db, { head_seq: row.head_seq, head_mac: row.head_mac })
  const data = { ...(secret && { name: secret.name, version: secret.version }), detail, audit: next.seq }
  appendEvent(db, {
    at: now,
    noun: secret ? 'secret' : 'vault',
    nounId: secret ? String(secret.id) : '',
    type: action,
    data,
  })
}

/** Covers everything that the row says, and through `before` every row before it. */
export function signDeed(auditKey: Buffer, deed: VaultDeed, before: string): string {
  const { seq, at, action, secretId, name, version, by, detail } = deed
  const said = [seq, at, action, secretId, name, version, by.kind, by.name, by.address, detail, before]
  return macOf(auditKey, JSON.stringify(said))
}

/** What says how long the chain is: without it, taking away its end would not show. */
export function signHead(auditKey: Buffer, seq: number, mac: string): string {
  return macOf(auditKey, JSON.stringify(['head', seq, mac]))
}
