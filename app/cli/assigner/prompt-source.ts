import { createReadStream, readFileSync, statSync } from 'node:fs'
import { AppError, messageOf } from '../../core/errors.ts'
import { maxPromptBytes } from '../../core/prompt.ts'
import { decodePromptBytes } from '../../core/prompt-text.ts'
import { UsageError } from '../failure.ts'

/** What is read at most: a coloured log shrinks to a prompt of the allowed size when it is normalised. */
const maxSourceBytes = 4 * maxPromptBytes

/** The text of `--send TEXT`, `--send -` or `--file PATH`, before it is normalised. Throws `invalid`. */
export async function readPromptSource(source: { send?: string; file?: string }): Promise<string> {
  if (source.send === '-') return decodePromptBytes(await readAll(process.stdin, 'Standard input'))
  if (source.send !== undefined) return readArgument(source.send)
  return decodePromptBytes(await readFile(source.file!))
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    if (statSync(path).isDirectory()) throw new UsageError(`${path} is a folder, not a file with a prompt.`)
    return await readAll(createReadStream(path, { end: maxSourceBytes }), path)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('not_found', `Cannot read ${path}: ${messageOf(error)}.`, { cause: error })
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > maxSourceBytes) throw new AppError('invalid', tooLarge(name))
  }
  return Buffer.concat(chunks)
}

function tooLarge(name: string): string {
  return (
    `${name} is too large for a prompt: more than ${maxSourceBytes.toLocaleString('en')} bytes, ` +
    `at most ${maxPromptBytes.toLocaleString('en')}. Name the file in the prompt instead.`
  )
}

/**
 * Node has replaced bytes that are not UTF-8 before a program sees its arguments; the kernel still has the
 * bytes as they were typed.
 */
function readArgument(text: string): string {
  if (text.includes('\ufffd'))
    decodePromptBytes(readFileSync('/proc/self/cmdline').map((byte) => byte || 0x20))
  return text
}
