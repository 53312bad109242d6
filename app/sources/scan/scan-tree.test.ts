import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeSourceTree } from '../../testing/source-tree.ts'
import { readInside } from './read-inside.ts'
import { scanTree } from './scan-tree.ts'

const texts = async (root: string) =>
  (await scanTree(root)).comments.map(({ file, text }) => `${file}: ${text}`)

describe.each(['a repository', 'a folder without one'])('in %s', (kind) => {
  const makeTree = (files: Record<string, string | Buffer>) => {
    const tree = makeSourceTree(files)
    if (kind === 'a repository') tree.git('init', '-q')
    return tree
  }

  test('comments, checklists and plan files are found, and what git ignores is not', async () => {
    using tree = makeTree({
      '.gitignore': 'out/\n*.log\n',
      'src/a.ts': '// TODO: sort\n',
      'src/.gitignore': 'made.ts\n',
      'src/made.ts': '// TODO: no\n',
      'out/b.ts': '// TODO: no\n',
      'node_modules/x/c.js': '// TODO: no\n',
      'PLAN.md': '- [ ] begin\n',
    })

    const found = await scanTree(tree.root)

    expect(found.comments).toEqual([{ marker: 'TODO', file: 'src/a.ts', line: 1, text: 'sort', owner: null }])
    expect(found.points).toMatchObject([{ file: 'PLAN.md', text: 'begin', isPlan: true }])
    expect(found.planFiles).toEqual(['PLAN.md'])
    expect(found.unread).toEqual([])
  })

  test('the same tree gives the same, and a name may hold a newline', async () => {
    using tree = makeTree({
      'b.ts': '// TODO: 2\n',
      'a.ts': '// TODO: 1\n',
      'new\nline.ts': '// TODO: 3\n',
      'ü/ö.ts': '// TODO: 4\n',
    })

    const first = await texts(tree.root)

    expect(first).toEqual(['a.ts: 1', 'b.ts: 2', 'new\nline.ts: 3', 'ü/ö.ts: 4'])
    expect(await texts(tree.root)).toEqual(first)
  })

  test('links, also in circles, lead nowhere', async () => {
    using outside = makeSourceTree({ 'secret.ts': '// TODO: out of here\n' })
    using tree = makeTree({ 'a.ts': '// TODO: in here\n' })
    symlinkSync(outside.root, join(tree.root, 'folder'))
    symlinkSync(join(outside.root, 'secret.ts'), join(tree.root, 'file.ts'))
    symlinkSync('.', join(tree.root, 'circle'))

    const found = await scanTree(tree.root)

    expect(found.comments.map(({ text }) => text)).toEqual(['in here'])
    expect(found.counts.special).toBe(1)
  })

  test('a pipe, a file that is no text and one that is too long are counted and hold nobody up', async () => {
    using tree = makeTree({
      'binary.ts': Buffer.from('// TODO: no\0'),
      'bad.ts': Buffer.from([
        0x2f,
        0x2f,
        0x20,
        0xff,
        0xfe,
        0x0a,
        ...Buffer.from('// TODO: yes\xe9', 'latin1'),
      ]),
    })
    execFileSync('mkfifo', [join(tree.root, 'pipe.ts')])
    tree.write('huge.ts', '')
    truncateSync(join(tree.root, 'huge.ts'), 1024 ** 3)

    const found = await scanTree(tree.root)

    expect(found.comments.map(({ text }) => text)).toEqual(['yes\ufffd'])
    expect(found.counts).toMatchObject({ binary: 1, huge: 1 })
  })

  test('a name that is no UTF-8 is told', async () => {
    using tree = makeTree({ 'a.ts': '' })
    appendFileSync(Buffer.from(`${tree.root}/\xff.ts`, 'latin1'), '// TODO: x')

    const { unread } = await scanTree(tree.root)

    expect(unread).toEqual([{ path: '\ufffd.ts', reason: 'its name is not UTF-8' }])
  })
})

test('a folder that git tracked and that became a link out is not followed', async () => {
  using outside = makeSourceTree({ 'a.ts': '// TODO: out of here\n' })
  using tree = makeSourceTree({ 'lib/a.ts': '// TODO: in here\n' })
  tree.git('init', '-q')
  tree.git('add', '.')
  execFileSync('rm', ['-r', join(tree.root, 'lib')])
  symlinkSync(outside.root, join(tree.root, 'lib'))

  const found = await scanTree(tree.root)

  expect(found.comments).toEqual([])
  expect(found.counts.special).toBe(1)
})

test("a repository's own settings start no program", async () => {
  using tree = makeSourceTree({ 'a.ts': '// TODO: x\n' })
  tree.git('init', '-q')
  tree.git('config', 'core.fsmonitor', `touch ${tree.root}/started; false`)

  await scanTree(tree.root)

  expect(existsSync(join(tree.root, 'started'))).toBe(false)
})

test('what is closed to us is named, and the rest is read', async () => {
  using tree = makeSourceTree({ 'a.ts': '// TODO: x\n', 'closed/b.ts': '// TODO: y\n' })
  chmodSync(join(tree.root, 'closed'), 0)

  const { comments, unread } = await asNobody(tree.root)

  expect(comments).toMatchObject([{ text: 'x' }])
  expect(unread).toEqual([{ path: 'closed/', reason: 'permission denied' }])
  chmodSync(join(tree.root, 'closed'), 0o700)
})

/** Nothing is closed to root. */
async function asNobody(root: string) {
  if (process.getuid?.() !== 0) return scanTree(root)
  const home = process.env['HOME']
  execFileSync('chmod', ['755', root])
  process.env['HOME'] = root
  process.setegid!(65_534)
  process.seteuid!(65_534)
  try {
    return await scanTree(root)
  } finally {
    process.seteuid!(0)
    process.setegid!(0)
    process.env['HOME'] = home
  }
}

test('a file that changes while it is read is read as far as it was', async () => {
  using tree = makeSourceTree({ 'a.ts': 'x\n'.repeat(100) })
  const writer = spawn('sh', ['-c', 'while :; do echo more >> a.ts; : > a.ts; done'], { cwd: tree.root })

  const reads = Array.from({ length: 2_000 }, () => readInside(tree.root, 'a.ts', 1_000_000))
  writer.kill('SIGKILL')

  expect(new Set(reads.map(({ is }) => is))).toEqual(new Set(['read']))
})

test('what is gone meanwhile is told, and is no reason to stop', async () => {
  using tree = makeSourceTree({ 'gone.ts': '', 'here.ts': '// TODO: x\n' })
  tree.git('init', '-q')
  tree.git('add', '.')
  execFileSync('rm', [join(tree.root, 'gone.ts')])

  const { comments, unread, counts } = await scanTree(tree.root)

  expect(comments).toHaveLength(1)
  expect(counts.unreadable).toBe(1)
  expect(unread).toEqual([{ path: 'gone.ts', reason: 'it is gone' }])
})

test('it ends when it is asked to, and says that there is no folder', async () => {
  using tree = makeSourceTree({ 'a.ts': '' })

  await expect(scanTree(tree.root, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
  await expect(scanTree(join(tree.root, 'none'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(scanTree(join(tree.root, 'a.ts'))).rejects.toMatchObject({ code: 'not_found' })
})
