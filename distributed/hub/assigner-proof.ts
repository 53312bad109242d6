import { createHmac } from 'node:crypto'

/** What an assigner shows to be let in: only processes of this installation know its secret. */
export function assignerProof(secret: Uint8Array): string {
  return createHmac('sha256', secret).update('assigner').digest('base64url')
}
