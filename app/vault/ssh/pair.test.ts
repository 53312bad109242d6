import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSshPair } from './pair.ts'

test.each(['architect@pi-1', 'a', 'ab', 'a longer comment, with a comma'])(
  'ssh-keygen reads a pair with the comment %j, and finds both halves to be one key',
  (comment) => {
    const folder = mkdtempSync(join(tmpdir(), 'architect-ssh-'))
    const pair = makeSshPair(comment)
    writeFileSync(join(folder, 'key'), pair.privateKey, { mode: 0o600 })
    writeFileSync(join(folder, 'text'), 'signed')

    const publicHalf = execFileSync('ssh-keygen', ['-y', '-f', join(folder, 'key')], { encoding: 'utf8' })
    const shown = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'key')], { encoding: 'utf8' })
    const signed = ['-Y', 'sign', '-n', 'file', '-f', join(folder, 'key'), join(folder, 'text')]
    execFileSync('ssh-keygen', signed, { stdio: 'ignore' })
    rmSync(folder, { recursive: true })

    expect(publicHalf.trim()).toBe(pair.publicKey)
    expect(shown).toBe(`256 ${pair.fingerprint} ${comment} (ED25519)\n`)
  },
)

test('no two pairs are alike', () => {
  const pairs = [makeSshPair('x'), makeSshPair('x')]

  expect(new Set(pairs.map(({ publicKey }) => publicKey)).size).toBe(2)
  expect(new Set(pairs.map(({ fingerprint }) => fingerprint)).size).toBe(2)
})
