import { beginWithPassphrase } from '../../vault/begin.ts'
import { hasSharedMemory } from '../../vault/key-places.ts'
import { rotateMasterKey, type NextKey } from '../../vault/rotate.ts'
import { sealVault, unlockVault } from '../../vault/seal.ts'
import { openVaultKeys, type VaultUser } from '../../vault/tools.ts'
import { verifyVault } from '../../vault/verify.ts'
import { askHidden, askHiddenTwice } from '../hidden.ts'
import { openOutput, type Output } from '../output/output.ts'
import { requireHere, withDatabase } from '../with.ts'
import type { VaultOptions } from './command.ts'
import { vaultUserHere } from './desk.ts'
import { counted } from '../../core/counted.ts'

export async function statusHere(options: VaultOptions): Promise<void> {
  requireHere('vault status')
  const output = openOutput(options)
  await withDatabase(async ({ database, config }) => {
    const status = await openVaultKeys(config).status(database.kysely)
    if (output.json) return output.document(status)
    if (status.state === 'new') return output.line('Nothing was ever put into the vault.')
    const rotation = status.rotating ? ' A rotation is not at its end: ./deploy.sh vault rotate goes on.' : ''
    output.line(`${status.reason ?? `The vault is open; its key is a ${status.kind}.`}${rotation}`)
  })
}

export async function beginHere(options: VaultOptions): Promise<void> {
  requireHere('vault init')
  const passphrase = await askHiddenTwice('Passphrase of the vault: ')
  await withUser(options, async (user, output) => {
    await beginWithPassphrase(user, passphrase)
    done(
      output,
      'The vault is made. Without its passphrase nobody opens it again: keep it somewhere else, too.',
    )
    if (!hasSharedMemory(user.vault.places)) output.remark(noMemory)
  })
}

const noMemory =
  'No folder in memory was found for the key ($XDG_RUNTIME_DIR): each process asks for the passphrase by itself.'

export async function sealHere(options: VaultOptions): Promise<void> {
  requireHere('vault seal')
  await withUser(options, async (user, output) => {
    await sealVault(user)
    done(output, 'The vault is sealed.')
  })
}

export async function unlockHere(options: VaultOptions): Promise<void> {
  requireHere('vault unlock')
  await withUser(options, async (user, output) => {
    const status = await user.vault.status(user.database.kysely)
    const takes = status.state !== 'new' && status.kind === 'passphrase'
    await unlockVault(user, takes ? await askHidden('Passphrase of the vault: ') : null)
    done(output, 'The vault is open.')
  })
}

export async function rotateHere(options: VaultOptions): Promise<void> {
  requireHere('vault rotate')
  const next = await nextKey(options)
  await withUser(options, async (user, output) => {
    await rotateMasterKey(user, next)
    done(
      output,
      `The vault has another master key, kept as a ${next.kind}. The one before opens nothing any more.`,
    )
  })
}

async function nextKey({ to = 'file' }: VaultOptions): Promise<NextKey> {
  if (to !== 'passphrase') return { kind: to }
  return { kind: to, passphrase: await askHiddenTwice('Next passphrase of the vault: ') }
}

export async function verifyHere(options: VaultOptions): Promise<void> {
  requireHere('vault verify')
  await withUser(options, async (user, output) => {
    const verified = await verifyVault(user)
    const { deeds, values, faults } = verified
    if (faults.length > 0) process.exitCode = 1
    if (output.json) return output.document(verified)
    for (const fault of faults) output.line(`✕ ${fault}`)
    if (faults.length === 0)
      output.line(
        `All is as it was written: ${counted(deeds, 'row')} of the audit, ${counted(values, 'value')}.`,
      )
  })
}

async function withUser(options: VaultOptions, work: (user: VaultUser, output: Output) => Promise<void>) {
  const output = openOutput(options)
  await withDatabase(async (records) => work(await vaultUserHere(records), output))
}

function done(output: Output, sentence: string) {
  if (output.json) output.document({ success: true })
  else output.line(sentence)
}
