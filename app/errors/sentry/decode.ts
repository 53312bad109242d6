import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { AppError } from '../../core/errors.ts'

/** Of a body as it comes, and after it was unpacked; SDKs cut their events far below. */
const packedBytes = 1_048_576
const unpackedBytes = 4 * 1_048_576

/** More than is taken. */
export class TooLarge extends Error {}

/**
 * A body, read and unpacked to its end or to a limit, whichever is first: of ten gigabytes of zeros it unpacks four
 * megabytes and stops. Throws `TooLarge`, and `invalid` for an encoding that is not known or data that are broken.
 */
export async function readUnpacked(body: Readable, encoding: string): Promise<Buffer> {
  const packed = await read(body)
  const unpack = unpackerOf(encoding.trim().toLowerCase(), packed)
  if (unpack === null) return packed
  try {
    return await unpack(packed, { maxOutputLength: unpackedBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge()
    throw new AppError('invalid', `The body is not what its Content-Encoding says (${encoding}).`, {
      cause: error,
    })
  }
}

async function read(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > packedBytes) throw new TooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof TooLarge) throw error
    throw new AppError('invalid', 'The request broke off.', { cause: error })
  }
  return Buffer.concat(chunks)
}

type Unpacker = (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const unpackers: Record<string, Unpacker> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
}
const withoutHeader: Unpacker = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw)

/** null where nothing is packed. `deflate` has zlib's header by the standard, and none by habit: its first byte tells. */
function unpackerOf(encoding: string, packed: Buffer): Unpacker | null {
  if (encoding === '' || encoding === 'identity') return null
  if (encoding === 'deflate' && ((packed[0] ?? 8) & 0x0f) !== 8) return withoutHeader
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined
  if (unpacker) return unpacker
  throw new AppError('invalid', 'Only gzip, deflate and br are understood as Content-Encoding.')
}
