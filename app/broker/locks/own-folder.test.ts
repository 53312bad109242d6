import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { requireOwnFolder } from './own-folder.ts'

let folder = ''
const at = (name: string) => join(folder, name)

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'architect-own-')))
  for (const name of ['code/shop/src', 'code/notes', 'code-of-others', 'bank/src']) {
    mkdirSync(at(name), { recursive: true })
  }
  for (const name of ['code/shop', 'bank']) {
    git(at(name), 'init', '-q', '-b', 'main')
    git(
      at(name),
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.org',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'a',
    )
  }
  git(at('code/shop'), 'worktree', 'add', '-q', '-b', 'side', at('shop-side'))
  symlinkSync(at('bank'), at('code/notes/link'))
  symlinkSync(at('code/shop'), at('by-link'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['the folder itself', 'code/shop', 'code/shop'],
  ['below it', 'code/shop', 'code/shop/src'],
  ['above it, in the same checkout', 'code/shop/src', 'code/shop'],
  ['another work tree of the repository', 'code/shop/src', 'shop-side'],
  ['the same by a link', 'code/shop', 'by-link/src'],
  ['a checkout in a plain working folder', 'code', 'code/shop/src'],
])('%s is one to lock in', async (_what, worksIn, dir) => {
  await expect(requireOwnFolder(at(dir), at(worksIn))).resolves.toBeUndefined()
})

test.each([
  ["another project's checkout", 'code/shop', 'bank/src'],
  ['a folder with the same beginning', 'code', 'code-of-others'],
  ['a folder above a plain one', 'code/notes', 'code'],
  ['what a link in the own folder leads to', 'code/notes', 'code/notes/link/src'],
  ['what dots lead to', 'code/shop', 'code/shop/../../bank'],
])('%s is refused', async (_what, worksIn, dir) => {
  await expect(requireOwnFolder(`${folder}/${dir}`, at(worksIn))).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('not in the project that you work in'),
  })
})

function git(dir: string, ...args: string[]) {
  execFileSync('git', ['-C', dir, ...args], { stdio: 'ignore' })
}
