import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import type { Config } from '../config.ts'
import { AppError, messageOf } from '../core/errors.ts'

/** PEM texts. */
export interface Tls {
  cert: string
  key: string
}

const dayMs = 24 * 60 * 60_000
/** Systems of Apple take no certificate that is valid for longer. */
const validForMs = 825 * dayMs
/** An own certificate is made anew when less than this is left of it. */
const renewBeforeMs = 30 * dayMs

/** What HTTPS is served with; null for plain HTTP. Throws `invalid` with a sentence when it can't be used. */
export async function readTls({ tls, dataDir }: Config, now: number): Promise<Tls | null> {
  if (tls === null) return null
  if (tls === 'own') return readOrMakeOwn(join(dataDir, 'tls'), now)
  return usable({ cert: readText(tls.certificate), key: readText(tls.key) }, tls.certificate)
}

async function readOrMakeOwn(folder: string, now: number): Promise<Tls> {
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  try {
    const own = usable({ cert: readText(certPath), key: readText(keyPath) }, certPath)
    const validTo = Date.parse(new X509Certificate(own.cert).validTo)
    if (validTo - now > renewBeforeMs) return own
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
  const made = await makeOwn(now)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(keyPath, made.key, { mode: 0o600 })
  writeFileSync(certPath, made.cert)
  return made
}

/** For every name and address that this machine has now. */
async function makeOwn(now: number): Promise<Tls> {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const ips = new Set(['127.0.0.1', '::1', ...addresses.map(({ address }) => address.replace(/%.*/, ''))])
  const names = new Set(['localhost', hostname()])
  const made = await generate([{ name: 'commonName', value: hostname() }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + validForMs),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...names].map((value) => ({ type: 2 as const, value })),
          ...[...ips].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AppError('invalid', `${path} can't be read: ${messageOf(error)}`, { cause: error })
  }
}

function usable(tls: Tls, path: string): Tls {
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    const sentence = `The certificate ${path} and its key can't be used together: ${messageOf(error)}`
    throw new AppError('invalid', sentence, { cause: error })
  }
}
