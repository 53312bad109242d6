import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'

export interface SshPair {
  /** One line, as `authorized_keys` has it. */
  publicKey: string
  /** `SHA256:` and the digest in base64, as ssh prints it. */
  fingerprint: string
  /** A file in OpenSSH's format, without a passphrase. */
  privateKey: string
}

/** A new ed25519 pair. The format is that of OpenSSH's PROTOCOL.key; `comment` is one line. */
export function makeSshPair(comment: string): SshPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x, d } = privateKey.export({ format: 'jwk' })
  const point = Buffer.from(x!, 'base64url')
  const seed = Buffer.from(d!, 'base64url')
  const publicBlob = Buffer.concat([field('ssh-ed25519'), field(point)])
  return {
    publicKey: `ssh-ed25519 ${publicBlob.toString('base64')} ${comment}`,
    fingerprint: `SHA256:${createHash('sha256').update(publicBlob).digest('base64').replace(/=+$/, '')}`,
    privateKey: pem(privateFile(publicBlob, { point, seed, comment })),
  }
}

function privateFile(publicBlob: Buffer, key: { point: Buffer; seed: Buffer; comment: string }): Buffer {
  const count = Buffer.from([0, 0, 0, 1])
  const head = [Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), count]
  return Buffer.concat([...head, field(publicBlob), field(privatePart(key))])
}

/** Twice the same number, by which a wrong passphrase would be seen; the pair; and 1, 2, 3… up to a whole block. */
function privatePart({ point, seed, comment }: { point: Buffer; seed: Buffer; comment: string }): Buffer {
  const check = randomBytes(4)
  const pair = field(Buffer.concat([seed, point]))
  const plain = Buffer.concat([check, check, field('ssh-ed25519'), field(point), pair, field(comment)])
  const missing = (blockBytes - (plain.length % blockBytes)) % blockBytes
  return Buffer.concat([plain, Buffer.from(Array.from({ length: missing }, (_, n) => n + 1))])
}

/** Of the cipher `none`. */
const blockBytes = 8

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}
