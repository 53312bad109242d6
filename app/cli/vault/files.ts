import { readFileSync } from 'node:fs'
import type { Encrypter } from 'age-encryption'
import { counted } from '../../core/counted.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { listSecrets } from '../../db/secret/read.ts'
import { changeIn, createIn, revealIn } from '../../vault/secrets.ts'
import type { VaultUser } from '../../vault/tools.ts'
import { UsageError } from '../failure.ts'
import { askHiddenTwice } from '../hidden.ts'
import { openOutput } from '../output/output.ts'
import { requireHere, withDatabase } from '../with.ts'
import type { VaultOptions } from './command.ts'
import { vaultUserHere } from './desk.ts'
import { readEnvFile } from './env-file.ts'

/** One transaction: a name that is taken leaves everything as it was. */
export async function importHere(file: string, options: VaultOptions): Promise<void> {
  requireHere('vault import')
  const output = openOutput(options)
  const { lines, remarks } = readEnvFile(readText(file), file)
  await withDatabase(async (records) => {
    const user = await vaultUserHere(records)
    const names = await store(user, lines, options)
    for (const remark of remarks) output.remark(remark)
    if (output.json) return output.document({ imported: names })
    output.line(
      `${counted(names.length, 'secret is', 'secrets are')} stored. Remove ${file} now, and from git if it ever was there.`,
    )
  })
}

function store(
  user: VaultUser,
  lines: [string, string][],
  { category, replace }: VaultOptions,
): Promise<string[]> {
  return user.database.write(async (db) => {
    const known = new Map((await listSecrets(db)).map(({ name, id }) => [name, id]))
    const taken = lines.flatMap(([name]) => (known.has(name) ? [name] : []))
    if (taken.length > 0 && !replace) {
      throw new AppError(
        'conflict',
        `There are secrets of these names already: ${taken.join(', ')}. --replace gives them these values.`,
      )
    }
    for (const [name, value] of lines) {
      const id = known.get(name)
      if (id === undefined) await createIn(db, user, { name, value, category })
      else await changeIn(db, user, id, { value })
    }
    return lines.map(([name]) => name)
  })
}

/** All secrets with their values as JSON, encrypted before anything of it leaves this process. */
export async function exportHere(options: VaultOptions): Promise<void> {
  requireHere('vault export')
  const encrypter = await encrypterFor(options)
  await withDatabase(async (records) => {
    const user = await vaultUserHere(records)
    const secrets = await user.database.write(async (db) => {
      const all = await listSecrets(db)
      const revealed = []
      for (const { id } of all) {
        const { secret, value } = await revealIn(db, user, id, { action: 'export', detail: '' })
        const { name, category, description, expiresAt } = secret
        revealed.push({ name, value, category, description, expires_at: expiresAt })
      }
      return revealed
    })
    const encrypted = await encrypter.encrypt(JSON.stringify({ secrets }, null, 2))
    const { armor } = await import('age-encryption')
    process.stdout.write(armor.encode(encrypted))
  })
}

async function encrypterFor({ recipient = [], passphrase }: VaultOptions): Promise<Encrypter> {
  if (recipient.length > 0 === (passphrase === true)) {
    throw new UsageError('Say who opens it: --recipient age1…, or --passphrase.')
  }
  // Loaded where it is used: every command starts faster without.
  const encrypter = new (await import('age-encryption')).Encrypter()
  if (passphrase) encrypter.setPassphrase(await askHiddenTwice('Passphrase of the export: '))
  try {
    for (const key of recipient) encrypter.addRecipient(key)
  } catch (error) {
    throw new UsageError(`A recipient is a public key, age1…: ${messageOf(error)}.`)
  }
  return encrypter
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new AppError('not_found', `Cannot read ${file}: ${messageOf(error)}.`, { cause: error })
  }
}
