import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { AppError, messageOf } from '../core/errors.ts'
import { makePrivateFolder } from '../core/private-files.ts'

/** What this installation signs with; each use has its own key, so that one's signature is worth nothing elsewhere. */
export interface SigningKeys {
  cookies: string
  tokens: Uint8Array
}

/** From `SECRET_KEY`, or from `data/secret-key`, which the first start makes. */
export function readSigningKeys(config: Config): SigningKeys {
  const secret = config.secretKey ?? readSecretFile(config.dataDir)
  return {
    cookies: deriveKey(secret, 'architect cookies').toString('base64url'),
    tokens: deriveKey(secret, 'architect tokens'),
  }
}

/** How ids and tokens of high entropy are stored: enough to find them, useless to whoever reads the table. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

export function randomSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

function readSecretFile(dataDir: string): string {
  const path = join(dataDir, 'secret-key')
  makePrivateFolder(dataDir)
  try {
    writeFileSync(path, `${randomSecret(32)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(path, error)
  }
  const secret = readText(path).trim()
  if (secret.length >= 32) return secret
  throw new AppError('unavailable', `${path} holds no key. Remove it: the next start makes a new one.`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): AppError {
  return new AppError('unavailable', `Cannot keep a key in ${path}: ${messageOf(error)}.`, { cause: error })
}

function deriveKey(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', use, 32))
}
