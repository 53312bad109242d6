import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'

/*
 * What `./deploy.sh` does when `npm ci` fails: it says what failed, and installs a compiler only where one was
 * missed. npm and apt-get are stand-ins that fail as the real ones do.
 */

const run = promisify(execFile)
const programs = [
  'bash',
  'sh',
  'cat',
  'cksum',
  'find',
  'flock',
  'grep',
  'mktemp',
  'readlink',
  'rm',
  'stat',
  'tee',
]
let folder: string
let bin: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-deploy-'))
  bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const program of programs)
    symlinkSync(
      existsSync(`/usr/bin/${program}`) ? `/usr/bin/${program}` : `/bin/${program}`,
      join(bin, program),
    )
  symlinkSync(process.execPath, join(bin, 'node'))
  standIn('id', 'if [ "$1" = -un ]; then echo somebody; else echo 0; fi')
  standIn('apt-get', `echo "$@" >>"${folder}/apt"`)
  copyFileSync(join(packageRoot, 'deploy.sh'), join(folder, 'deploy.sh'))
  writeFileSync(join(folder, 'package-lock.json'), '{}')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function standIn(name: string, script: string) {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
}

async function deploy(): Promise<{ stderr: string; code: number; askedForPackages: boolean }> {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  const result = await run(join(folder, 'deploy.sh'), ['status'], { env: { PATH: bin, HOME: folder } }).then(
    ({ stderr }) => ({ stderr, code: 0 }),
    ({ stderr, code }: { stderr: string; code: number }) => ({ stderr, code }),
  )
  return { ...result, askedForPackages: existsSync(join(folder, 'apt')) }
}

test.each([
  [
    'npm error code ENOTFOUND\nnpm error network request to https://r.example failed',
    /no connection to the npm registry/,
  ],
  ['npm ERR! code ETIMEDOUT', /no connection to the npm registry/],
  ['npm error code ENOSPC\nnpm error ENOSPC: no space left on device', /The disk is full/],
  ['npm error code EACCES\nnpm error path /root/.npm', /somebody may not write/],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /certificate of the npm registry/],
  ['npm error code EINTEGRITY', /did not accept the list of packages/],
  ['npm error gyp ERR! stack FetchError: getaddrinfo ENOTFOUND nodejs.org', /has to be compiled here/],
  ['npm error something else', /npm ci failed; its messages stand above/],
])('what failed is said, and nothing is installed for it: %s', async (says, expected) => {
  standIn('npm', `echo '${says}' >&2; exit 1`)

  const { stderr, code, askedForPackages } = await deploy()

  expect(stderr).toContain(says)
  expect(stderr).toMatch(expected)
  expect(code).toBe(1)
  expect(askedForPackages).toBe(false)
})

test('a compiler is installed where one was missed, and then it is tried once more', async () => {
  standIn('npm', `echo run >>"${folder}/npm"; echo 'npm error gyp ERR! find Python' >&2; exit 1`)

  const { stderr, askedForPackages } = await deploy()

  expect(stderr).toMatch(/apt-get install -y python3 make g\+\+/)
  expect(stderr).toMatch(/A package could not be compiled/)
  expect(askedForPackages).toBe(true)
})
