import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig, type Config } from '../config.ts'
import { listen } from './listen.ts'
import { readTls } from './tls.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-tls-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const configOf = (env: Record<string, string>): Config => readConfig({ ARCHITECT_DATA: folder, ...env })
const own = () => configOf({ ARCHITECT_SSL: 'true' })

test('an own certificate is made once, for this machine, and its key is for its owner alone', async () => {
  const first = await readTls(own(), Date.now())
  const second = await readTls(own(), Date.now())

  const certificate = new X509Certificate(first!.cert)
  expect(second).toEqual(first)
  expect([certificate.checkHost('localhost'), certificate.checkIP('127.0.0.1')]).toEqual([
    'localhost',
    '127.0.0.1',
  ])
  expect(statSync(join(folder, 'tls/key.pem')).mode & 0o777).toBe(0o600)
})

test('it is made anew before it ends, and when it is damaged', async () => {
  const first = await readTls(own(), Date.now())
  const later = await readTls(own(), Date.now() + 800 * 86_400_000)
  writeFileSync(join(folder, 'tls/cert.pem'), 'nonsense')
  const repaired = await readTls(own(), Date.now())

  expect(later!.cert).not.toBe(first!.cert)
  expect(repaired!.cert).toContain('BEGIN CERTIFICATE')
})

test('the dashboard answers over HTTPS with it', async () => {
  const tls = await readTls(own(), Date.now())
  const app = express().get('/', (_request, response) => response.send('hello'))
  await using listening = await listen(app, { host: '127.0.0.1', port: 0 }, tls)

  const answer = await new Promise<string>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: listening.port, ca: tls!.cert }
    request(options, (response) => response.on('data', (data: Buffer) => resolve(data.toString())))
      .on('error', reject)
      .end()
  })

  expect(answer).toBe('hello')
})

test('given files are used; wrong ones are refused with a sentence', async () => {
  const made = await readTls(own(), Date.now())
  const files = {
    ARCHITECT_SSL_CERT: join(folder, 'tls/cert.pem'),
    ARCHITECT_SSL_KEY: join(folder, 'tls/key.pem'),
  }

  const given = await readTls(configOf(files), Date.now())
  const missing = readTls(configOf({ ...files, ARCHITECT_SSL_KEY: join(folder, 'none') }), Date.now())
  await expect(missing).rejects.toThrow(`${join(folder, 'none')} can't be read`)
  writeFileSync(join(folder, 'other'), 'x')
  const wrong = readTls(configOf({ ...files, ARCHITECT_SSL_KEY: join(folder, 'other') }), Date.now())

  await expect(wrong).rejects.toThrow("can't be used together")
  expect(given).toEqual(made)
  expect(() => configOf({ ARCHITECT_SSL_CERT: 'x' })).toThrow('belong together')
})
