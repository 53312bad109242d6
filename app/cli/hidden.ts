import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AppError } from '../core/errors.ts'
import { UsageError } from './failure.ts'

/** Something from the keyboard that nobody shall see, typed twice, or from a pipe, its first line. */
export async function askHiddenTwice(question: string): Promise<string> {
  if (!process.stdin.isTTY) return askHidden('')
  const given = await askHidden(question)
  const again = await askHidden('The same again: ')
  if (given !== again) throw new UsageError('These were two different ones; nothing was changed.')
  return given
}

/** What is typed is not shown. Throws when the input ends, or on Ctrl-C. */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(stdin.isTTY ? question : '')
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY })
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => {
      if (stdin.isTTY) stderr.write('\n')
      reject(new AppError('invalid', 'Nothing was given; nothing was changed.'))
    })
  })
}

/** Everything that comes through a pipe, without the newline at its end; from a keyboard one line, unseen. */
export async function readHidden(question: string): Promise<string> {
  if (process.stdin.isTTY) return askHidden(question)
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
