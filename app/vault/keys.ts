import { AppError } from '../core/errors.ts'
import type { KeyKind, VaultStatus } from '../core/secret.ts'
import { lockVault, readKeys, readVault, type StoredKey, type StoredVault } from '../db/secret/vault.ts'
import type { Db } from '../db/schema.ts'
import { openText, sealText } from './crypto.ts'
import { keysAtHand, type KeyPlaces } from './key-places.ts'

/** A vault whose keys are known, in one transaction. */
export interface OpenVault {
  row: StoredVault
  kind: KeyKind
  /** What new versions are sealed under. */
  masterKey: Buffer
  auditKey: Buffer
  /** Throws `unavailable` for a key that is gone. */
  keyOf(keyId: number): Buffer
}

/**
 * The master keys of one process. Which one counts is said by the database, so that a rotation in another process
 * is followed at once; the keys themselves are looked for where they are kept, once for each.
 */
export class VaultKeys {
  readonly places: KeyPlaces
  readonly #known = new Map<number, Buffer>()
  /** Given by somebody, for where no memory is shared. */
  readonly #given: Buffer[] = []

  constructor(places: KeyPlaces) {
    this.places = places
  }

  /** For reading only. Throws `unavailable` with the reason while it is sealed, `not_found` when it is new. */
  async open(db: Db): Promise<OpenVault> {
    return this.#openRow(db, await readVault(db))
  }

  /** The same, and nobody else writes to the vault until the transaction ends. */
  async openForWriting(db: Db): Promise<OpenVault> {
    return this.#openRow(db, await lockVault(db))
  }

  async status(db: Db): Promise<VaultStatus> {
    const row = await readVault(db)
    if (!row) return { state: 'new', reason: null }
    const keys = await readKeys(db)
    const { kind } = currentOf(row, keys)
    const rotating = keys.length > 1
    const reason = this.#sealedBy(row) ?? this.#missing(row, keys)
    return reason === null
      ? { state: 'open', reason, kind, rotating }
      : { state: 'sealed', reason, kind, rotating }
  }

  /** A key that somebody said: whether it is the one that counts. */
  accept(key: Buffer, row: StoredVault, keys: readonly StoredKey[]): boolean {
    if (!fits(key, currentOf(row, keys))) return false
    this.#given.push(key)
    return true
  }

  /** Nothing is known any more; what is kept somewhere is found again. */
  forget(): void {
    for (const key of [...this.#known.values(), ...this.#given]) key.fill(0)
    this.#known.clear()
    this.#given.length = 0
  }

  async #openRow(db: Db, row: StoredVault | null): Promise<OpenVault> {
    if (!row)
      throw new AppError('not_found', 'The vault is empty. Put something in: ./deploy.sh vault set NAME')
    const keys = await readKeys(db)
    const reason = this.#sealedBy(row) ?? this.#missing(row, keys)
    if (reason !== null) throw new AppError('unavailable', reason)
    const masterKey = this.#known.get(row.current_key)!
    const auditKey = openText(masterKey, row.audit_key, auditKeyPlace)
    if (!auditKey) {
      throw new AppError('unavailable', 'The key of the audit was changed in the database. Restore a backup.')
    }
    return {
      row,
      kind: currentOf(row, keys).kind,
      masterKey,
      auditKey,
      keyOf: (id) => this.#keyOf(id, row, keys),
    }
  }

  #sealedBy({ sealed_at, sealed_by }: StoredVault): string | null {
    if (sealed_at === null) return null
    return `The vault was sealed by ${sealed_by ?? 'somebody'}. Open it again: ./deploy.sh vault unlock`
  }

  /** null when the key that counts is at hand. */
  #missing(row: StoredVault, keys: readonly StoredKey[]): string | null {
    if (this.#known.has(row.current_key)) return null
    const current = currentOf(row, keys)
    const { keys: found, faults } = keysAtHand(this.places)
    const key = [...this.#given, ...found].find((each) => fits(each, current))
    if (!key) return `The vault is sealed: ${faults[0] ?? howToFind(current.kind, this.places)}`
    this.#known.set(current.id, key)
    return null
  }

  #keyOf(id: number, row: StoredVault, keys: readonly StoredKey[]): Buffer {
    const known = this.#known.get(id)
    if (known) return known
    const earlier = keys.find((key) => key.id === id)
    const next = keys.find((key) => key.id > id)
    const opened =
      earlier?.under_next &&
      next &&
      openText(this.#keyOf(next.id, row, keys), earlier.under_next, keyPlace(id))
    if (!opened) {
      throw new AppError('unavailable', `The master key ${id} that this is under is gone. Restore a backup.`)
    }
    this.#known.set(id, opened)
    return opened
  }
}

/** What a master key's proof opens to is nothing; that it opens is the proof. */
export const proofOf = (key: Buffer, id: number) => sealText(key, Buffer.alloc(0), proofPlace(id))

/** The audit's key under a master key. */
export const sealAuditKey = (masterKey: Buffer, auditKey: Buffer) =>
  sealText(masterKey, auditKey, auditKeyPlace)

/** A master key under the one that takes its place. */
export const sealUnderNext = (next: Buffer, key: Buffer, id: number) => sealText(next, key, keyPlace(id))

const auditKeyPlace = 'architect vault 1 audit key'
const proofPlace = (id: number) => `architect vault 1 proof ${id}`
const keyPlace = (id: number) => `architect vault 1 master key ${id}`

function fits(key: Buffer, { id, proof }: StoredKey): boolean {
  return openText(key, proof, proofPlace(id)) !== null
}

function currentOf({ current_key }: StoredVault, keys: readonly StoredKey[]): StoredKey {
  const current = keys.find(({ id }) => id === current_key)
  if (current) return current
  throw new AppError('unavailable', 'The vault names a master key that it does not have. Restore a backup.')
}

function howToFind(kind: KeyKind, { dataDir, credentialsDir }: KeyPlaces): string {
  if (kind === 'passphrase') return 'its passphrase has not been given. Give it: ./deploy.sh vault unlock'
  if (kind === 'credential') {
    return credentialsDir === null
      ? 'its key is a credential of the systemd unit, and this process has none ($CREDENTIALS_DIRECTORY).'
      : `no credential "vault-key" in ${credentialsDir} fits.`
  }
  return `no key file in ${dataDir} fits. Put vault-key back there, from where you keep your copy of it.`
}
