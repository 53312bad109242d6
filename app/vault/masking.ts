import { isAppError } from '../core/errors.ts'
import { maskValues, unmaskValues } from '../core/masking.ts'
import { readVault } from '../db/secret/vault.ts'
import { storedVersions } from '../db/secret/read.ts'
import type { Database } from '../db/open.ts'
import type { Db } from '../db/schema.ts'
import { openValue } from './crypto.ts'
import type { VaultKeys } from './keys.ts'

/**
 * Masks the values of a vault, all that are kept, in whatever this process stores, until it is disposed of. With
 * `onFault` news of the vault are followed, within the time of the bus; without, what is known at the start counts.
 * While the vault is sealed, what was known before stays masked.
 */
export async function maskVault(
  { database, vault }: { database: Database; vault: VaultKeys },
  onFault: ((error: unknown) => void) | null,
): Promise<AsyncDisposable> {
  const owner = Symbol('vault')
  const known = new Map<number, { name: string; value: string }>()
  let seen = 0
  let notBefore = 0
  let looking: Promise<void> | null = null

  async function look() {
    if (performance.now() < notBefore) return
    const head = (await readVault(database.kysely))?.head_seq ?? 0
    if (head === seen) return
    await readAll(database.kysely, vault, known)
    maskValues(owner, [...known.values()])
    seen = head
  }

  /** A sealed vault has its reason, which whoever asks it hears. */
  const lookSafely = () =>
    look().catch((error: unknown) => {
      notBefore = performance.now() + againAfterMs
      if (!isAppError(error, 'unavailable')) onFault?.(error)
    })

  await lookSafely()
  const unsubscribe = onFault
    ? database.bus.subscribe(() => {
        looking ??= lookSafely().finally(() => (looking = null))
      })
    : () => undefined
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      notBefore = Number.POSITIVE_INFINITY
      await looking
      unmaskValues(owner)
    },
  }
}

/** The bus wakes with every commit; a key that is not there is not looked for with each. */
const againAfterMs = 5_000

const pageSize = 500

/** Versions that are known already are not opened again; those that are gone are forgotten. */
async function readAll(db: Db, vault: VaultKeys, known: Map<number, { name: string; value: string }>) {
  const opened = await vault.open(db)
  const there = new Set<number>()
  for (let afterId = 0; ;) {
    const page = await storedVersions(db, { afterId, limit: pageSize })
    for (const { id, name, number, secret_id: secretId, key_id, wrapped_key: wrappedKey, sealed } of page) {
      afterId = id
      there.add(id)
      if (known.get(id)?.name === name) continue
      const value = valueOf(() =>
        openValue(opened.keyOf(key_id), { wrappedKey, sealed }, { secretId, name, number }),
      )
      if (value !== null) known.set(id, { name, value })
    }
    if (page.length < pageSize) break
  }
  for (const id of known.keys()) if (!there.has(id)) known.delete(id)
}

/** null: a row that somebody damaged; `vault verify` names it, and the others are masked all the same. */
function valueOf(open: () => string): string | null {
  try {
    return open()
  } catch (error) {
    if (isAppError(error, 'unavailable')) return null
    throw error
  }
}
