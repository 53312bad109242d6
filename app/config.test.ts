import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { AppError } from './core/errors.ts'
import { packageRoot } from './core/paths.ts'

describe('readConfig', () => {
  test('an empty environment means the data folder beside package.json and the own tmux server', () => {
    const config = readConfig({})

    expect(config).toEqual({
      dataDir: `${packageRoot}/data`,
      tmuxSocket: null,
      databaseUrl: null,
      node: hostname().split('.')[0],
      logLevel: 'info',
      host: '0.0.0.0',
      port: 8080,
      tls: null,
      sessionTimeoutMs: 3_600_000,
      secureCookie: false,
      trustedProxies: [],
      secretKey: null,
      credentialsDir: null,
      runtimeDir: '/dev/shm',
      adminName: 'architect',
      adminPassword: null,
    })
  })

  test('a relative data folder becomes absolute, so that it stays the same after a chdir', () => {
    const config = readConfig({ ARCHITECT_DATA: 'elsewhere/data' })

    expect(config.dataDir).toBe(`${process.cwd()}/elsewhere/data`)
  })

  test('an empty variable counts as unset', () => {
    const config = readConfig({ ARCHITECT_DATA: '', ARCHITECT_TMUX_SOCKET: '', LOG_LEVEL: '' })

    expect(config).toEqual(readConfig({}))
  })

  test.each([
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent. "loud" is not.',
    ],
    [{ ARCHITECT_NODE: 'a/b' }, /^ARCHITECT_NODE must be a name of .* "a\/b" is not\.$/],
    [{ ARCHITECT_TMUX_SOCKET: 'one,,two' }, /^ARCHITECT_TMUX_SOCKET must be a tmux socket's name/],
    [{ PORT: '80 80' }, 'PORT must be a whole number from 0 to 65535. "80 80" is not.'],
    [
      { SESSION_TIMEOUT: '0' },
      'SESSION_TIMEOUT must be a whole number of seconds from 60 to 43200. "0" is not.',
    ],
    [{ SESSION_COOKIE_SECURE: 'yes' }, 'SESSION_COOKIE_SECURE must be true or false. "yes" is not.'],
    [{ SECRET_KEY: 'short' }, /^SECRET_KEY must be at least 16 characters.* Its value is not\.$/],
    [{ ARCHITECT_USER: 'a b' }, /^ARCHITECT_USER must be a name of at most 64/],
    [{ ARCHITECT_PASSWORD: 'peace5' }, 'ARCHITECT_PASSWORD must be 8 to 256 characters. Its value is not.'],
    [{ TRUST_PROXY: 'all' }, /^TRUST_PROXY must be loopback or addresses/],
    [
      { DATABASE_URL: 'mysql://root:secret@x/y' },
      /^DATABASE_URL must be a postgres:\/\/.* Its value is not\.$/,
    ],
  ])('%j is refused with the name of the variable and what it must be', (env, sentence) => {
    const read = () => readConfig(env)

    expect(read).toThrow(AppError)
    expect(read).toThrow(sentence)
  })

  test('all wrong values are told at once', () => {
    const read = () => readConfig({ LOG_LEVEL: 'loud', ARCHITECT_NODE: '-' })

    expect(read).toThrow(
      /ARCHITECT_NODE must be[^]*\n?LOG_LEVEL must be|LOG_LEVEL must be[^]*\nARCHITECT_NODE must be/,
    )
  })

  test('an address with a password is not repeated', () => {
    const read = () => readConfig({ DATABASE_URL: 'mysql://root:secret@x/y' })

    expect(read).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }))
  })
})
