import { createHmac, randomBytes } from 'node:crypto'

/** Bytes of a secret: Standard Webhooks asks for 24 to 64. */
const secretBytes = 32

/** A new secret for a webhook, as its receiver is given it: `whsec_…`. */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`
}

/** Whether this can sign webhooks. */
export function isWebhookSecret(secret: string): boolean {
  const text = secret.replace(/^whsec_/, '')
  const bytes = Buffer.from(text, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === text
}

/**
 * Headers by which a receiver knows who sent this, and that it was sent once: Standard Webhooks 1.0, `v1`,
 * HMAC-SHA256 over `id.timestamp.body`. The time is that of the try; the id stays the same.
 */
export function signatureHeaders(
  secret: string,
  id: string,
  atMs: number,
  body: string,
): Record<string, string> {
  const timestamp = Math.floor(atMs / 1_000).toString()
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
