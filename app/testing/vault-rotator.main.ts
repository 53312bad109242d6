import { systemClock } from '../core/clock.ts'
import { openDatabase } from '../db/open.ts'
import { VaultKeys } from '../vault/keys.ts'
import { rotateMasterKey, type NextKey } from '../vault/rotate.ts'

/*
 * A process of its own that rotates the master key of a vault and kills itself when it has come to a step; without
 * a step it comes to the end.
 */

const [dataDir, runtimeDir, databaseUrl, kind, step] = process.argv.slice(2)
if (!dataDir || !runtimeDir) throw new Error('Name the data folder and the folder in memory.')

await using database = await openDatabase({ dataDir, databaseUrl: databaseUrl || undefined })
const vault = new VaultKeys({ dataDir, runtimeDir, credentialsDir: null })
const by = { kind: 'user', name: 'rotator', address: null } as const
const next: NextKey =
  kind === 'passphrase' ? { kind: 'passphrase', passphrase: 'correct horse battery' } : { kind: 'file' }
await rotateMasterKey({ database, clock: systemClock, vault, by }, next, (at) => {
  if (at === step) process.kill(process.pid, 'SIGKILL')
})
