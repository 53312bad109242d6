import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { z } from 'zod'
import { AppError, messageOf } from './core/errors.ts'
import { packageVersion } from './version.ts'
import { makePrivateFolder } from './core/private-files.ts'

/** Who works on a data folder. */
export interface Instance {
  pid: number
  /** Epoch ms. */
  startedAt: number
  log: string
  version: string
  /** Where it can be reached; absent while and unless it listens. */
  address?: string | undefined
}

/** This process is the only one, until it is disposed of or dies. */
export interface Only extends Disposable {
  /** Tells those who ask who runs where it listens. */
  listensAt(address: string): void
}

/**
 * Makes this process the only `name` of a data folder until it is disposed or dies. The proof is a lock of the
 * kernel (an SQLite file in an exclusive transaction), which ends with the process however it ends, so that no
 * stale file keeps anybody out and no reused pid is ever taken for ours. Throws `conflict` when another one works.
 */
export function becomeOnly(dataDir: string, name: string, log: string): Only {
  makePrivateFolder(dataDir)
  const lock = takeLock(lockPath(dataDir, name))
  if (!lock) throw new AppError('conflict', alreadyWorks(dataDir, name))
  const instance = { pid: process.pid, startedAt: Date.now(), log, version: packageVersion() }
  writeInstance(dataDir, name, instance)
  return {
    listensAt: (address) => writeInstance(dataDir, name, { ...instance, address }),
    [Symbol.dispose]: () => void lock.close(),
  }
}

/** The process that holds the lock now; null when nobody does. */
export function runningInstance(dataDir: string, name: string): Instance | null {
  return isLocked(lockPath(dataDir, name)) ? readInstance(dataDir, name) : null
}

function alreadyWorks(dataDir: string, name: string): string {
  const other = readInstance(dataDir, name)
  const since = new Date(other.startedAt).toLocaleString('sv')
  return (
    `Another ${name} already works on ${dataDir} (pid ${other.pid}, since ${since}). ` +
    'Stop it with ./deploy.sh stop, or give this one its own ARCHITECT_DATA.'
  )
}

/** Long enough for somebody who only asks whether the lock is held to be done with it. */
const lockPatienceMs = 1000

function takeLock(path: string): Sqlite.Database | null {
  const file = openLockFile(path, lockPatienceMs)
  try {
    file.exec('BEGIN EXCLUSIVE')
    return file
  } catch (error) {
    file.close()
    if (isBusy(error)) return null
    throw error
  }
}

function isLocked(path: string): boolean {
  const file = openLockFile(path, 0)
  try {
    file.prepare('SELECT count(*) FROM sqlite_master').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    file.close()
  }
}

function openLockFile(path: string, timeout: number): Sqlite.Database {
  try {
    return new Sqlite(path, { timeout })
  } catch (error) {
    throw new AppError('unavailable', `Cannot open ${path}: ${messageOf(error)}.`, { cause: error })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

const lockPath = (dataDir: string, name: string) => join(dataDir, `${name}.lock`)
const instancePath = (dataDir: string, name: string) => join(dataDir, `${name}.json`)

const instanceFile = z.object({
  pid: z.int(),
  startedAt: z.number(),
  log: z.string(),
  /** '' of one that was started by an earlier version, which did not say. */
  version: z.string().default(''),
  address: z.string().optional(),
})

function writeInstance(dataDir: string, name: string, instance: Instance) {
  const path = instancePath(dataDir, name)
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(instance)}\n`)
  renameSync(`${path}.${process.pid}`, path)
}

/** Who has just taken the lock writes the file within a moment; until then it is missing, or names a dead one. */
function readInstance(dataDir: string, name: string): Instance {
  const path = instancePath(dataDir, name)
  for (let tries = 0; ; tries += 1) {
    const isLastTry = tries >= readTries
    try {
      const instance = instanceFile.parse(JSON.parse(readFileSync(path, 'utf8')))
      if (isLastTry || isAlive(instance.pid)) return instance
    } catch (error) {
      if (isLastTry) {
        const sentence = `A ${name} works on ${dataDir}, but ${path} doesn't say which process it is.`
        throw new AppError('unavailable', sentence, { cause: error })
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, readAgainMs)
  }
}

const readTries = 20
const readAgainMs = 10

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
