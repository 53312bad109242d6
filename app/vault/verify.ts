import { isAppError } from '../core/errors.ts'
import type { VaultDeed } from '../core/secret.ts'
import { signedDeeds } from '../db/secret/audit.ts'
import { storedVersions } from '../db/secret/read.ts'
import type { Db } from '../db/schema.ts'
import { signDeed, signHead } from './audit.ts'
import { openValue } from './crypto.ts'
import type { OpenVault } from './keys.ts'
import type { VaultTools } from './tools.ts'

export interface Verification {
  deeds: number
  values: number
  /** One sentence for each row that is missing, or not as it was written. */
  faults: string[]
}

/** Reads everything once. Throws `unavailable` while the vault is sealed, `not_found` while it is new. */
export async function verifyVault({ database, vault }: VaultTools): Promise<Verification> {
  const db = database.kysely
  const opened = await vault.open(db)
  const chain = await verifyChain(db, opened)
  const stored = await verifyValues(db, opened)
  return { deeds: chain.count, values: stored.count, faults: [...chain.faults, ...stored.faults] }
}

const pageSize = 500

interface Found {
  count: number
  faults: string[]
}

async function verifyChain(db: Db, { auditKey, row }: OpenVault): Promise<Found> {
  const faults: string[] = []
  let count = 0
  let before = { seq: 0, mac: '' }
  for (;;) {
    const page = await signedDeeds(db, before.seq, pageSize)
    for (const { mac, ...deed } of page) {
      const gap = missingRows(before.seq + 1, deed.seq - 1)
      if (gap) faults.push(gap)
      // What a row is chained to is known only while the row before it is there.
      else if (signDeed(auditKey, deed, before.mac) !== mac) faults.push(changedRow(deed))
      before = { seq: deed.seq, mac }
      count += 1
    }
    if (page.length < pageSize) break
  }
  const lost = missingRows(before.seq + 1, row.head_seq)
  if (lost) faults.push(`${lost} The audit ended there.`)
  else if (signHead(auditKey, before.seq, before.mac) !== row.head_mac) {
    faults.push(
      `Row ${before.seq} of the audit is not the last one that was written: rows after it were removed, or it was changed.`,
    )
  }
  return { count, faults }
}

function missingRows(first: number, last: number): string | null {
  if (last < first) return null
  return first === last
    ? `Row ${first} of the audit was removed.`
    : `Rows ${first} to ${last} of the audit were removed.`
}

function changedRow({ seq, action, name, by }: VaultDeed): string {
  const what = [action, name && `"${name}"`].filter(Boolean).join(' ')
  return `Row ${seq} of the audit was changed; it now says that ${by.name} did: ${what}.`
}

async function verifyValues(db: Db, opened: OpenVault): Promise<Found> {
  const faults: string[] = []
  let count = 0
  let afterId = 0
  for (;;) {
    const page = await storedVersions(db, { afterId, limit: pageSize })
    for (const version of page) {
      afterId = version.id
      count += 1
      const { name, number, secret_id: secretId, wrapped_key: wrappedKey, sealed } = version
      try {
        openValue(opened.keyOf(version.key_id), { wrappedKey, sealed }, { secretId, name, number })
      } catch (error) {
        if (!isAppError(error)) throw error
        faults.push(`Version ${number} of the secret "${name}" (row ${version.id}) is not as it was stored.`)
      }
    }
    if (page.length < pageSize) return { count, faults }
  }
}
