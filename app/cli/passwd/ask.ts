import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AppError } from '../../core/errors.ts'
import { UsageError } from '../failure.ts'

/** A new password from the keyboard, unseen and twice, or from a pipe, its first line. */
export async function askPassword(name: string): Promise<string> {
  if (!process.stdin.isTTY) return readLine('')
  const password = await readLine(`New password of ${name}: `)
  const again = await readLine('The same again: ')
  if (password !== again) throw new UsageError('These were two different passwords; nothing was changed.')
  return password
}

/** What is typed is not shown. Throws when the input ends, or on Ctrl-C. */
function readLine(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
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
      reject(new AppError('invalid', 'No password was given; nothing was changed.'))
    })
  })
}
