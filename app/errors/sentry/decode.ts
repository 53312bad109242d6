import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { AppError } from '../../core/errors.ts'
import { Gate } from './gate.ts'

/** Of a body as it comes, and after it was unpacked; SDKs cut their events far below. */
const packedBytes = 1_048_576
const unpackedBytes = 4 * 1_048_576

/** More than is taken. */
export class TooLarge extends Error {}

/** Unpacking takes threads that everything else here needs, and memory: strangers get a bounded part of both. */
const unpacking = new Gate({ atOnce: 4, waiting: 200, waitingBytes: 16 * 1_048_576 })

/**
 * Reads a body, unpacks it to its end or to a limit, whichever is first (of ten gigabytes of zeros it unpacks four
 * megabytes and stops), and hands it to `take`. Throws `TooLarge`, `invalid` for an encoding that is not known or
 * data that are broken, and `limited` where too many packed bodies came at once.
 */
export async function takeUnpacked<T>(
  body: Readable,
  encoding: string,
  take: (unpacked: Buffer) => Promise<T>,
): Promise<T> {
  const packed = await read(body)
  const unpack = unpackerOf(encoding.trim().toLowerCase(), packed)
  if (unpack === null) return take(packed)
  return unpacking.pass(packed.length, async () => take(await unpacked(packed, unpack, encoding)))
}

async function unpacked(packed: Buffer, unpack: Unpacker, encoding: string): Promise<Buffer> {
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
