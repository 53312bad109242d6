import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor } from '../core/account.ts'
import { hasSharedMemory } from '../vault/key-places.ts'
import { VaultKeys } from '../vault/keys.ts'
import type { VaultUser } from '../vault/tools.ts'
import type { TestDatabase } from './databases.ts'

/** A vault of a test's own, and as many processes' views of it as the test wants. */
export interface TestVault extends AsyncDisposable {
  user: VaultUser
  dataDir: string
  /** null: SQLite in the data folder. */
  databaseUrl: string | null
  /** What another process knows: nothing but what lies about. */
  another(): VaultUser
  /** Such a process, started by a unit of systemd that gives it these credentials: keys in base64, by name. */
  anotherOfUnit(credentials: Record<string, string>): VaultUser
  /** Changes the database behind everybody's back. */
  tamper(change: Parameters<VaultUser['database']['write']>[0]): Promise<unknown>
}

const ann: Actor = { kind: 'user', name: 'ann', address: '10.0.0.7' }

export async function openTestVault(
  open: TestDatabase['open'],
  now: { at: number } = { at: 1_000_000 },
): Promise<TestVault> {
  const store = await open()
  const { database, dataDir } = store
  const runtimeDir = mkdtempSync(join(memory, 'architect-vault-test-'))
  const clock = { now: () => now.at, sleep: () => Promise.resolve() }
  const another = (credentialsDir: string | null = null) => ({
    database,
    clock,
    by: ann,
    vault: new VaultKeys({ dataDir, runtimeDir, credentialsDir }),
  })
  return {
    user: another(),
    dataDir,
    databaseUrl: store.databaseUrl ?? null,
    another: () => another(),
    anotherOfUnit(credentials) {
      const folder = mkdtempSync(join(runtimeDir, 'credentials-'))
      for (const [name, key] of Object.entries(credentials)) {
        writeFileSync(join(folder, name), `${key}\n`, { mode: 0o400 })
      }
      return another(folder)
    },
    tamper: (change) => database.write(change),
    async [Symbol.asyncDispose]() {
      rmSync(runtimeDir, { recursive: true, force: true })
      await store[Symbol.asyncDispose]()
    },
  }
}

const memory = hasSharedMemory({ dataDir: '', credentialsDir: null, runtimeDir: '/dev/shm' })
  ? '/dev/shm'
  : tmpdir()
