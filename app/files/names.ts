import { AppError } from '../core/errors.ts'
import { fileLimits } from '../core/project-file.ts'

/**
 * The names that lead from a project's folder to a file. Nothing is decoded and nothing resolved: `%2e%2e` is a name
 * like any other, and a path with `..` is refused instead of understood. Throws `invalid`, and `forbidden` for what
 * holds keys or makes git run something.
 */
export function namesOf(path: string): string[] {
  if (path.length > fileLimits.pathChars || !path.isWellFormed() || path.includes('\0')) {
    throw new AppError('invalid', `A path is text of at most ${fileLimits.pathChars} characters without NUL.`)
  }
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    throw new AppError(
      'invalid',
      'Write the path from the project\'s folder on, without "..", "." and double slashes: src/app.ts',
    )
  }
  if (names.some((name) => Buffer.byteLength(name) > fileLimits.nameBytes)) {
    throw new AppError('invalid', `A name in a path has at most ${fileLimits.nameBytes} bytes.`)
  }
  const secret = names.find(isClosed)
  if (secret !== undefined) {
    throw new AppError('forbidden', `"${secret}" is not read or written here: ${why}.`)
  }
  return names
}

const why =
  'such names hold keys and passwords, or are what git runs. Keep secrets in the vault, and change it on the machine itself'

/** Some file systems take other letters for the same name: compared is what all of them would agree on. */
export function isClosed(name: string): boolean {
  const folded = name
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replace(/[. ]+$/, '')
  return closedNames.has(folded) || closedForms.some((form) => form.test(folded))
}

/** Folders and files of git, of keys, and of the logins of agents and tools. */
const closedNames = new Set([
  '.git',
  'git~1',
  '.gitmodules',
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  '.credentials.json',
  'auth.json',
  'oauth_creds.json',
  'vault-key',
  'secret-key',
  'architect.db',
])

const closedForms = [
  /^\.env(?!\.(?:example|sample|template|dist)$)(?:\..*)?$/,
  /^\.envrc$/,
  /^architect\.db-/,
  /^vault-key\./,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|age)$/,
]
