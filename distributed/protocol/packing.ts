import { gunzipSync, gzipSync } from 'node:zlib'
import { AppError } from '../../app/core/errors.ts'

/** Below this compressing costs more than it saves on a local network, in bytes. */
const packFromBytes = 8 * 1024
/** Of one piece on the wire, in bytes: a heartbeat behind it waits for no longer. */
export const pieceBytes = 128 * 1024
/** No message is larger when it is unpacked, in bytes: a prompt has 1 MB at most, a scrollback of 2,000 rows less. */
const mostBytes = 32 * 1024 * 1024

/** A message on the wire: its JSON, or that compressed, in pieces. */
export type Packed = string | Uint8Array[]

/** Whatever else somebody sends is not passed on: socket.io looks through it, and what is nested too deeply ends that. */
export function isPacked(said: unknown): said is Packed {
  return (
    typeof said === 'string' || (Array.isArray(said) && said.every((piece) => piece instanceof Uint8Array))
  )
}

export function pack(value: unknown): Packed {
  const json = JSON.stringify(value)
  if (json.length < packFromBytes) return json
  const bytes = gzipSync(json, { level: 1 })
  const pieces: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    pieces.push(bytes.subarray(from, from + pieceBytes))
  }
  return pieces
}

/** Throws `invalid` for what can't be unpacked. */
export function unpack(packed: unknown): unknown {
  try {
    if (typeof packed === 'string') return JSON.parse(packed)
    if (!Array.isArray(packed)) throw new Error('neither text nor pieces')
    const bytes = Buffer.concat(packed.map((piece) => Buffer.from(piece)))
    return JSON.parse(gunzipSync(bytes, { maxOutputLength: mostBytes }).toString())
  } catch (error) {
    throw new AppError('invalid', 'A message between node and dashboard could not be unpacked.', {
      cause: error,
    })
  }
}
