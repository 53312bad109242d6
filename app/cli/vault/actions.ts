import { AppError } from '../../core/errors.ts'
import { toJson } from '../../json.ts'
import { UsageError } from '../failure.ts'
import { readHidden } from '../hidden.ts'
import { openOutput } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { VaultOptions } from './command.ts'
import { vaultDesks } from './desk.ts'
import { showSecrets } from './table.ts'

export async function setHere(name: string, options: VaultOptions): Promise<void> {
  const output = openOutput(options)
  const expiresAt = expiryOf(options.expires)
  const value = await readHidden(`Value of ${name}: `)
  if (value === '') throw new AppError('invalid', 'No value was given; nothing was changed.')
  await withSide(vaultDesks, async (desk) => {
    const { category, description } = options
    const secret = await desk.set({
      name,
      value,
      ...(category && { category }),
      ...(description !== undefined && { description }),
      ...(expiresAt !== undefined && { expiresAt }),
    })
    if (output.json) output.document(toJson(secret))
    else output.line(`${secret.name} is stored, as version ${secret.version}.`)
  })
}

export async function getHere(
  name: string,
  version: number | undefined,
  options: VaultOptions,
): Promise<void> {
  const output = openOutput(options)
  await withSide(vaultDesks, async (desk) => {
    const value = await desk.get(name, version)
    if (output.json) output.document({ name, value })
    else process.stdout.write(process.stdout.isTTY ? `${value}\n` : value)
  })
}

export async function listHere(options: VaultOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(vaultDesks, async (desk) => {
    const secrets = await desk.list({ ...(options.category && { category: options.category }) })
    if (output.json) output.document({ items: toJson(secrets), next_cursor: null })
    else showSecrets(output, secrets, Date.now())
  })
}

export async function removeHere(name: string, options: VaultOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(vaultDesks, async (desk) => {
    await desk.remove(name)
    if (output.json) output.document({ removed: name })
    else output.line(`${name} is deleted.`)
  })
}

export async function rollBackHere(name: string, version: number, options: VaultOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(vaultDesks, async (desk) => {
    const secret = await desk.rollBack(name, version)
    if (output.json) output.document(toJson(secret))
    else output.line(`${name} has the value of version ${version} again, as version ${secret.version}.`)
  })
}

/** undefined: not said; null: never. */
function expiryOf(given: string | undefined): number | null | undefined {
  if (given === undefined) return undefined
  if (given === 'never') return null
  const at = /^\d{4}-\d\d-\d\d$/.test(given) ? Date.parse(`${given}T00:00:00`) : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError(`--expires must be a date, 2027-01-31, or never, not "${given}".`)
  return at
}
