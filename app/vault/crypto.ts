import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { AppError } from '../core/errors.ts'

/** 256 bits. */
export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function randomKey(): Buffer {
  return randomBytes(keyBytes)
}

/**
 * AES-256-GCM: nonce, ciphertext and tag as one text in base64. `bound` is what it belongs to, which has to be
 * said again to open it: a value that somebody moved to another row opens nowhere.
 */
export function sealText(key: Buffer, plain: Buffer, bound: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** null: another key, bound to something else, or changed by somebody. */
export function openText(key: Buffer, sealed: string, bound: string): Buffer | null {
  const bytes = Buffer.from(sealed, 'base64')
  // Node skips what is no base64: the text has to be the one that was written, to the letter.
  if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64') !== sealed) return null
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(bound))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  const plain = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return null // that is the answer
  }
}

/** What a stored value is bound to: its row, its secret's name, its version. */
export interface Place {
  secretId: number
  name: string
  number: number
}

export interface SealedValue {
  /** The data key of this version alone, under a master key. */
  wrappedKey: string
  /** The value under the data key. */
  sealed: string
}

export function sealValue(masterKey: Buffer, value: string, place: Place): SealedValue {
  const dataKey = randomKey()
  return {
    wrappedKey: sealText(masterKey, dataKey, `key ${boundTo(place)}`),
    sealed: sealText(dataKey, Buffer.from(value), `value ${boundTo(place)}`),
  }
}

/** Throws `unavailable` when the row is not as it was written. */
export function openValue(masterKey: Buffer, { wrappedKey, sealed }: SealedValue, place: Place): string {
  const dataKey = openText(masterKey, wrappedKey, `key ${boundTo(place)}`)
  const value = dataKey && openText(dataKey, sealed, `value ${boundTo(place)}`)
  if (!value) throw damaged(place)
  return value.toString('utf8')
}

/** The same data key under another master key; the value itself stays as it is. */
export function rewrapKey(from: Buffer, to: Buffer, wrappedKey: string, place: Place): string {
  const dataKey = openText(from, wrappedKey, `key ${boundTo(place)}`)
  if (!dataKey) throw damaged(place)
  return sealText(to, dataKey, `key ${boundTo(place)}`)
}

/** What the audit signs with, from its own random key. */
export function macOf(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** JSON: no name can be written so that it looks like another row's. */
function boundTo({ secretId, name, number }: Place): string {
  return JSON.stringify(['architect vault 1', secretId, name, number])
}

function damaged({ name, number }: Place): AppError {
  return new AppError(
    'unavailable',
    `Version ${number} of the secret "${name}" is not as it was stored: its row was damaged or changed. ` +
      'Look with ./deploy.sh vault verify, go back to another version, or restore a backup.',
  )
}
