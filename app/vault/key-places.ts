import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError, messageOf } from '../core/errors.ts'
import { makePrivateFolder } from '../core/private-files.ts'
import { keyBytes, randomKey } from './crypto.ts'

/*
 * Where master keys are: in a file of the data folder, with systemd as a credential, or nowhere but in somebody's
 * head. A passphrase's key is kept in memory for all processes of this machine, on a file system that is memory,
 * and is gone with the next start of the machine.
 */
export interface KeyPlaces {
  dataDir: string
  /** `$CREDENTIALS_DIRECTORY` of a systemd unit. */
  credentialsDir: string | null
  /** `$XDG_RUNTIME_DIR`, or `/dev/shm`. */
  runtimeDir: string
}

export const keyFileOf = ({ dataDir }: KeyPlaces) => join(dataDir, 'vault-key')
/** The key that a rotation is about to go over to. */
export const nextKeyFileOf = (places: KeyPlaces) => `${keyFileOf(places)}.next`

/** Keys that lie about here, each with what its place says when it can't be used. */
export function keysAtHand(places: KeyPlaces): { keys: Buffer[]; faults: string[] } {
  const { credentialsDir } = places
  const files = [keyFileOf(places), nextKeyFileOf(places), runtimeFileOf(places)]
  const credentials = credentialsDir === null ? [] : credentialFilesOf(credentialsDir)
  const read = [
    ...files.map((path) => readKey(path, true)),
    ...credentials.map((path) => readKey(path, false)),
  ]
  return {
    keys: read.flatMap(({ key }) => (key ? [key] : [])),
    faults: read.flatMap(({ fault }) => (fault === null ? [] : [fault])),
  }
}

/** The key of the unit's credential, or the one that a rotation goes over to; null without one. */
export function credentialKey({ credentialsDir }: KeyPlaces, which: 'now' | 'next'): Buffer | null {
  if (credentialsDir === null) return null
  const [now, next] = credentialFilesOf(credentialsDir)
  const { key, fault } = readKey(which === 'now' ? now : next, false)
  if (fault !== null) throw new AppError('unavailable', fault)
  return key
}

/** The key of the file, which is made when it is missing. Throws `unavailable`. */
export function ensureKeyFile(places: KeyPlaces): Buffer {
  const path = keyFileOf(places)
  const found = readKey(path, true)
  if (found.fault !== null) throw new AppError('unavailable', found.fault)
  if (found.key) return found.key
  const key = randomKey()
  makePrivateFolder(places.dataDir)
  writeKeyFile(path, key)
  return key
}

/** On the disk when this returns. Replaces what a rotation left behind that came no further. */
export function writeNextKeyFile(places: KeyPlaces, key: Buffer): void {
  writeKeyFile(nextKeyFileOf(places), key)
}

/** The next key takes the place of the one before, which is gone. Does nothing when that has happened. */
export function promoteNextKeyFile(places: KeyPlaces): void {
  renameIfThere(nextKeyFileOf(places), keyFileOf(places))
}

export function removeKeyFiles(places: KeyPlaces): void {
  for (const path of [keyFileOf(places), nextKeyFileOf(places)]) rmSync(path, { force: true })
}

/** Whether there is memory that all processes of this user see, and no disk. */
export function hasSharedMemory({ runtimeDir }: KeyPlaces): boolean {
  try {
    return statfsSync(runtimeDir).type === tmpfs
  } catch {
    return false // that is the answer
  }
}

/** For all processes of this machine, until it starts again or somebody seals the vault. */
export function shareKey(places: KeyPlaces, key: Buffer): void {
  if (hasSharedMemory(places)) writeKeyFile(runtimeFileOf(places), key)
}

export function forgetSharedKey(places: KeyPlaces): void {
  rmSync(runtimeFileOf(places), { force: true })
}

/** argon2id with 64 MiB, three passes, one lane: the second choice of RFC 9106, for machines with little memory. */
export async function keyOfPassphrase(passphrase: string, salt: Buffer): Promise<Buffer> {
  // Loaded where it is used: every command starts faster without.
  const { default: argon2 } = await import('argon2')
  return argon2.hash(passphrase, {
    type: argon2.argon2id,
    memoryCost: 65_536,
    timeCost: 3,
    parallelism: 1,
    hashLength: keyBytes,
    salt,
    raw: true,
  })
}

/** As `statfs` names a file system that is memory. */
const tmpfs = 0x01021994

/** One data folder's; another one's vault has another key. */
function runtimeFileOf({ runtimeDir, dataDir }: KeyPlaces): string {
  const folder = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  return join(runtimeDir, `architect-vault-${process.getuid?.() ?? 0}-${folder}`)
}

function credentialFilesOf(folder: string): [now: string, next: string] {
  return [join(folder, 'vault-key'), join(folder, 'vault-key.next')]
}

/** Neither key nor fault: there is no such file. Others must not be able to read, or to have put there, a private one. */
function readKey(path: string, isPrivate: boolean): { key: Buffer | null; fault: string | null } {
  try {
    const stat = lstatSync(path)
    const isOwn = stat.isFile() && stat.uid === (process.getuid?.() ?? stat.uid)
    if (isPrivate && !isOwn) {
      return faulty(
        `${path} is not a plain file of this user's own. Put the key itself there, and give it to the user that Architect ` +
          `runs as: chown ${process.getuid?.() ?? 'USER'} ${path}`,
      )
    }
    if (isPrivate && (stat.mode & 0o077) !== 0) {
      return faulty(`${path} can be read by others. Make it private: chmod 0400 ${path}`)
    }
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
    if (key.length === keyBytes) return { key, fault: null }
    return faulty(`${path} holds no key: 32 bytes in base64. ${isPrivate ? putBack : asPrinted}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { key: null, fault: null }
    return faulty(`${path} cannot be read: ${messageOf(error)}`)
  }
}

const putBack =
  'Put the one back that this vault was made with, from where you keep your copy of it: any other opens nothing. ' +
  'Where nothing was stored yet, remove the file'
const asPrinted =
  'Before the first secret, "openssl rand -base64 32" makes one; afterwards it is the same one always'

const faulty = (fault: string) => ({ key: null, fault })

function writeKeyFile(path: string, key: Buffer) {
  const temporary = `${path}.${process.pid}`
  try {
    rmSync(temporary, { force: true })
    const file = openSync(temporary, 'wx', 0o400)
    try {
      writeSync(file, `${key.toString('base64')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    chmodSync(temporary, 0o400)
    renameSync(temporary, path)
    flushFolder(dirname(path))
  } catch (error) {
    throw new AppError('unavailable', `Cannot keep a key in ${path}: ${messageOf(error)}.`, { cause: error })
  }
}

function renameIfThere(from: string, to: string) {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new AppError('unavailable', `Cannot put ${from} in its place: ${messageOf(error)}.`, {
      cause: error,
    })
  }
  flushFolder(dirname(to))
}

/** A rename is on the disk only with its folder. */
function flushFolder(folder: string) {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
