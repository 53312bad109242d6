import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { readSigningKeys } from './secret.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'architect-secret-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const config = (more: Record<string, string> = {}) => readConfig({ ARCHITECT_DATA: dataDir, ...more })

test('without SECRET_KEY the first start makes a key that only the owner reads, and keeps it', () => {
  const first = readSigningKeys(config())
  const second = readSigningKeys(config())
  const path = join(dataDir, 'secret-key')

  expect(second).toEqual(first)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8').trim().length).toBeGreaterThanOrEqual(43)
})

test('cookies and tokens are signed with different keys, and another secret makes others', () => {
  const one = readSigningKeys(config({ SECRET_KEY: 'a secret of the owner' }))
  const two = readSigningKeys(config({ SECRET_KEY: 'another secret, longer' }))

  expect(Buffer.from(one.tokens).toString('base64url')).not.toBe(one.cookies)
  expect(two.cookies).not.toBe(one.cookies)
  expect(two.tokens).not.toEqual(one.tokens)
})

test('a key file that was emptied is refused instead of signing with nothing', () => {
  writeFileSync(join(dataDir, 'secret-key'), '\n')

  expect(() => readSigningKeys(config())).toThrow(/holds no key/)
})
