import type { Actor } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import { VaultKeys } from './keys.ts'

/** What everything here works with. */
export interface VaultTools {
  database: Database
  clock: Clock
  vault: VaultKeys
}

/** Somebody at work with the vault: every deed is written down under this name. */
export interface VaultUser extends VaultTools {
  by: Actor
}

export function openVaultKeys(config: Pick<Config, 'dataDir' | 'credentialsDir' | 'runtimeDir'>): VaultKeys {
  const { dataDir, credentialsDir, runtimeDir } = config
  return new VaultKeys({ dataDir, credentialsDir, runtimeDir })
}
