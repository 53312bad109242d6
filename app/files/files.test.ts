import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileLimits } from '../core/project-file.ts'
import { listProjectFolder } from './list-folder.ts'
import type { Ground } from './place.ts'
import { readProjectFile, versionOf } from './read-file.ts'
import { writeProjectFile } from './write-file.ts'

const secret = 'the treasure is under the oak'
let folder: string
let root: string
let ground: Ground

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'architect-files-')))
  root = join(folder, 'project')
  mkdirSync(join(root, 'src'), { recursive: true })
  mkdirSync(join(folder, 'outside'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(root, 'src/app.ts'), 'let x = 1\n')
  writeFileSync(join(folder, 'outside/secret.txt'), secret)
  ground = { root, dataDir: join(folder, 'data') }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (path: string) => readProjectFile(ground, path)
const write = (path: string, text: string, version: string | null) =>
  writeProjectFile(ground, { path, content: Buffer.from(text), version })
const outside = () => readFileSync(join(folder, 'outside/secret.txt'), 'utf8')

test('a file is read with its version, replaced by whoever has that, and keeps its mode', async () => {
  chmodSync(join(root, 'src/app.ts'), 0o755)

  const before = await read('src/app.ts')
  const written = await write('src/app.ts', 'let x = 2\n', before.version)
  const after = await read('src/app.ts')

  expect(before).toMatchObject({
    path: 'src/app.ts',
    content: 'let x = 1\n',
    encoding: 'utf-8',
    sizeBytes: 10,
  })
  expect(after).toMatchObject({ content: 'let x = 2\n', version: written.version })
  expect(statSync(join(root, 'src/app.ts')).mode & 0o777).toBe(0o755)
  expect(readdirSync(join(root, 'src'))).toEqual(['app.ts'])
})

test('a new file is made where there is none, and only there', async () => {
  await write('src/new.ts', 'a', null)

  await expect(write('src/new.ts', 'b', null)).rejects.toMatchObject({ code: 'conflict' })
  await expect(write('src/gone.ts', 'b', versionOf(Buffer.from('x')))).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(write('nowhere/new.ts', 'b', null)).rejects.toMatchObject({ code: 'not_found' })
  expect((await read('src/new.ts')).content).toBe('a')
  expect(readdirSync(join(root, 'src')).toSorted()).toEqual(['app.ts', 'new.ts'])
})

test('of twenty who replace the same version at once, one does', async () => {
  const { version } = await read('src/app.ts')

  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => write('src/app.ts', `by ${n}`, version)),
  )

  const won = results.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
  expect(won).toHaveLength(1)
  expect((await read('src/app.ts')).content).toBe(`by ${won[0]}`)
})

test('bytes that are no text come as base64', async () => {
  writeFileSync(join(root, 'x.bin'), Buffer.from([0xff, 0xfe, 0]))

  expect(await read('x.bin')).toMatchObject({ content: '//4A', encoding: 'base64', sizeBytes: 3 })
})

test('a folder lists what can be opened, folders first, and no links and keys', async () => {
  mkdirSync(join(root, 'a b'))
  mkdirSync(join(root, '.git'))
  symlinkSync(join(folder, 'outside'), join(root, 'link'))
  writeFileSync(join(root, '.env'), secret)
  writeFileSync(join(root, 'z.md'), '')
  writeFileSync(Buffer.from(`${root}/no\xff`, 'latin1'), '')

  expect(await listProjectFolder(ground, '')).toEqual({
    entries: [
      { name: 'a b', isFolder: true },
      { name: 'src', isFolder: true },
      { name: 'z.md', isFolder: false },
    ],
    left: 0,
  })
  for (const path of ['..', '/', 'src/..', 'link', '.git', '../data', 'none', 'z.md']) {
    await expect(listProjectFolder(ground, path)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:invalid|forbidden|not_found)$/),
    })
  }
})

test('of more than a thousand the first are listed, and how many more there are', async () => {
  for (let n = 0; n < 1_010; n += 1) writeFileSync(join(root, `src/${n}.txt`), '')

  const { entries, left } = await listProjectFolder(ground, 'src')

  expect([entries.length, left]).toEqual([1_000, 11])
})

test("Architect's own data are refused where a project's folder is above or in it, by whatever name", async () => {
  const own = join(folder, 'data')
  mkdirSync(join(own, 'deep'))
  writeFileSync(join(own, 'deep/x.txt'), secret)
  const above: Ground = { root: folder, dataDir: own }
  const inside: Ground = { root: join(own, 'deep'), dataDir: own }
  linkSync(join(own, 'deep/x.txt'), join(folder, 'project/hard.txt'))
  symlinkSync(own, join(folder, 'project/soft'))
  const forbidden = { code: 'forbidden' }

  await expect(readProjectFile(above, 'data/deep/x.txt')).rejects.toMatchObject(forbidden)
  await expect(readProjectFile(above, 'project/hard.txt')).rejects.toMatchObject(forbidden)
  await expect(readProjectFile(above, 'project/soft/deep/x.txt')).rejects.toMatchObject(forbidden)
  await expect(readProjectFile(inside, 'x.txt')).rejects.toMatchObject(forbidden)
  await expect(listProjectFolder(above, 'data/deep')).rejects.toMatchObject(forbidden)
  await expect(listProjectFolder(inside, '')).rejects.toMatchObject(forbidden)
  const write = writeProjectFile(above, { path: 'data/new.txt', content: Buffer.from('x'), version: null })
  await expect(write).rejects.toMatchObject(forbidden)
  for (const path of ['DATA/deep/x.txt', 'data%2fdeep%2fx.txt', 'd\u0430ta/deep/x.txt']) {
    await expect(readProjectFile(above, path)).rejects.toMatchObject({ code: 'not_found' })
  }
})

describe('nothing outside is read or written', () => {
  const strange = [
    '../outside/secret.txt',
    'src/../../outside/secret.txt',
    '..',
    '.',
    '',
    '/etc/passwd',
    'file:///etc/passwd',
    'src//app.ts',
    './src/app.ts',
    'src/',
    'src/app.ts\0.txt',
    '\ud800',
    'x'.repeat(300),
    'x/'.repeat(3_000),
  ]
  test.each(strange)('by the path %j', async (path) => {
    await expect(read(path)).rejects.toMatchObject({ code: 'invalid' })
    await expect(write(path, 'mine', null)).rejects.toMatchObject({ code: 'invalid' })
    expect(outside()).toBe(secret)
  })

  const encoded = [
    '..%2foutside%2fsecret.txt',
    '%2e%2e/outside/secret.txt',
    '%252e%252e/outside/secret.txt',
    '..\\outside\\secret.txt',
    '\uff0e\uff0e/outside/secret.txt',
    '..\u2215outside\u2215secret.txt',
    '..\u200b/outside/secret.txt',
    '.\u00ad./outside/secret.txt',
    '~/secret.txt',
    '$HOME/x',
    'proc/self/environ',
  ]
  test.each(encoded)('by the encoded path %j', async (path) => {
    await expect(read(path)).rejects.toMatchObject({ code: expect.stringMatching(/^(not_found|forbidden)$/) })
  })

  test('by a link, wherever it stands and wherever it leads', async () => {
    symlinkSync(join(folder, 'outside/secret.txt'), join(root, 'link.txt'))
    symlinkSync('../outside', join(root, 'linked'))
    symlinkSync('src/app.ts', join(root, 'inner.ts'))
    symlinkSync('/proc/self/root', join(root, 'all'))

    for (const path of ['link.txt', 'linked/secret.txt', 'inner.ts', 'all/etc/passwd']) {
      await expect.soft(read(path), path).rejects.toMatchObject({ code: 'forbidden' })
      await expect.soft(write(path, 'mine', null), path).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(write('linked/new.txt', 'mine', null)).rejects.toMatchObject({ code: 'forbidden' })
    expect(outside()).toBe(secret)
    expect(readdirSync(join(folder, 'outside'))).toEqual(['secret.txt'])
  })

  test('by a project whose folder became a link', async () => {
    renameSync(root, join(folder, 'moved'))
    symlinkSync(join(folder, 'outside'), root)

    await expect(read('secret.txt')).rejects.toMatchObject({ code: 'conflict' })
    await expect(write('new.txt', 'mine', null)).rejects.toMatchObject({ code: 'conflict' })
    expect(readdirSync(join(folder, 'outside'))).toEqual(['secret.txt'])
  })

  test('by a second name of a file', async () => {
    linkSync(join(folder, 'outside/secret.txt'), join(root, 'hard.txt'))

    await expect(read('hard.txt')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(write('hard.txt', 'mine', versionOf(Buffer.from(secret)))).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(outside()).toBe(secret)
  })

  test('by a pipe, a socket or a folder, and none of them holds anybody up', { timeout: 5_000 }, async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('/dev/zero', join(root, 'zero'))

    for (const path of ['pipe', 'zero', 'src']) {
      await expect.soft(read(path), path).rejects.toMatchObject({ code: 'forbidden' })
      await expect.soft(write(path, 'mine', null), path).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test(
    'while somebody swaps folders and files for links as fast as they can',
    { timeout: 60_000 },
    async () => {
      mkdirSync(join(root, 'swap'))
      writeFileSync(join(root, 'swap/secret.txt'), 'harmless')
      const swapper = new Worker(swapping, {
        eval: true,
        workerData: { root, outside: join(folder, 'outside') },
      })
      const seen = new Set<string>()
      let refused = 0

      for (const until = Date.now() + 3_000; Date.now() < until;) {
        const tries = [read('swap/secret.txt'), read('file.txt'), write('swap/new.txt', 'mine', null)]
        for (const result of await Promise.allSettled(tries)) {
          if (result.status === 'rejected') refused += 1
          else if ('content' in result.value) seen.add(result.value.content)
        }
        rmSync(join(root, 'swap/new.txt'), { force: true })
        if (readdirSync(join(folder, 'outside')).includes('new.txt')) seen.add('written outside')
      }
      await swapper.terminate()

      expect([...seen].filter((content) => !['harmless', justMade].includes(content))).toEqual([])
      expect(seen).toContain('harmless')
      expect(refused).toBeGreaterThan(10)
      expect(readdirSync(join(folder, 'outside'))).toEqual(['secret.txt'])
    },
  )
})

/** Of a file that is there and not yet written. */
const justMade = ''

/** Another thread: `swap` and `file.txt` are by turns what they say and links to outside. */
const swapping = `
  const { workerData: { root, outside } } = require('node:worker_threads')
  const fs = require('node:fs')
  const quietly = (work) => { try { work() } catch {} }
  for (;;) {
    quietly(() => fs.renameSync(root + '/swap', root + '/aside'))
    quietly(() => fs.symlinkSync(outside, root + '/swap'))
    quietly(() => fs.unlinkSync(root + '/file.txt'))
    quietly(() => fs.symlinkSync(outside + '/secret.txt', root + '/file.txt'))
    quietly(() => fs.unlinkSync(root + '/swap'))
    quietly(() => fs.renameSync(root + '/aside', root + '/swap'))
    quietly(() => fs.unlinkSync(root + '/file.txt'))
    quietly(() => fs.writeFileSync(root + '/file.txt', 'harmless'))
  }`

describe('what holds keys, or makes git run something, stays closed', () => {
  const closed = [
    '.git/config',
    '.GIT/hooks/pre-commit',
    '.g\u200cit/config',
    '.git /config',
    'sub/.git',
    '.gitmodules',
    '.env',
    '.env.production',
    '.ENV.local',
    '.ssh/id_ed25519',
    'id_rsa',
    'server.pem',
    '.npmrc',
    '.claude/.credentials.json',
    '.codex/auth.json',
  ]
  test.each(closed)('%j', async (path) => {
    await expect(read(path)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(write(path, 'mine', null)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test.each(['.env.example', '.gitignore', '.github', 'environment.ts', 'keyboard.ts'])(
    'but not %j',
    async (path) => {
      writeFileSync(join(root, path), 'x')

      expect((await read(path)).content).toBe('x')
    },
  )

  test("Architect's own data, in a project that holds them", async () => {
    const own = { root, dataDir: join(root, 'var') }
    mkdirSync(own.dataDir)
    writeFileSync(join(own.dataDir, 'log.txt'), 'x')

    await expect(readProjectFile(own, 'var/log.txt')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      readProjectFile({ root: own.dataDir, dataDir: own.dataDir }, 'log.txt'),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

test('a file that is too large is neither read nor written', async () => {
  writeFileSync(join(root, 'large'), Buffer.alloc(fileLimits.bytes + 1))

  await expect(read('large')).rejects.toMatchObject({ code: 'invalid' })
  await expect(write('big', 'x'.repeat(fileLimits.bytes + 1), null)).rejects.toMatchObject({
    code: 'invalid',
  })
})

test('a write into a full or closed folder leaves the file as it was and no draft behind', async () => {
  const { version } = await read('src/app.ts')
  unlinkSync(join(root, 'src/app.ts'))
  symlinkSync('/dev/full', join(root, 'src/app.ts'))

  await expect(write('src/app.ts', 'y', version)).rejects.toMatchObject({ code: 'forbidden' })

  expect(readdirSync(join(root, 'src'))).toEqual(['app.ts'])
  expect(existsSync('/dev/full')).toBe(true)
})

test('no open folder is left behind, whatever is asked', async () => {
  symlinkSync('/etc', join(root, 'etc'))
  const opened = () => readdirSync('/proc/self/fd').length
  const asked = ['src/app.ts', 'etc/passwd', 'nowhere/x', 'src/none', '.git/x', 'src', '../x']
  await Promise.allSettled(asked.map(read))
  const before = opened()

  for (let n = 0; n < 20; n += 1) {
    await Promise.allSettled(asked.flatMap((path) => [read(path), write(path, 'x', null)]))
  }

  expect(opened()).toBeLessThanOrEqual(before + 2)
})
