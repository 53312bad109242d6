import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSourceTree } from '../testing/source-tree.ts'
import { lookAtFilesWithGit } from './git-look.ts'

const limits = { timeout: 20_000, maxBuffer: 1_048_576 }

test.each([
  ['status', ['status', '--porcelain']],
  ['diff', ['diff', '--numstat', '--no-ext-diff', '--no-textconv', 'HEAD']],
  ['blame', ['blame', '--no-textconv', '--porcelain', '--', 'a.txt']],
  ['log', ['log', '--format=%h %s']],
])('git %s starts no program of the repository, wherever its settings hide it', async (_what, args) => {
  using tree = makeSourceTree({ 'a.txt': 'x\n', 'b.txt': 'x\n' })
  tree.git('init', '-q')
  tree.write('.gitattributes', 'a.txt filter=evil diff=evil\nb.txt filter=e=v.il\n')
  tree.git('add', '.')
  tree.git('commit', '-qm', 'x')
  const program = `touch ${tree.root}/started; cat`
  tree.write('.git/more', `[filter "evil"]\n\tclean = "${program}"\n\trequired = true\n`)
  tree.git('config', 'include.path', 'more')
  tree.git('config', 'filter.e=v.il.clean', program)
  tree.git('config', 'diff.evil.textconv', program)
  tree.git('config', 'core.fsmonitor', program)
  tree.git('config', 'log.showSignature', 'true')
  tree.write('a.txt', 'y\n')
  tree.write('b.txt', 'y\n')

  const said = await lookAtFilesWithGit(tree.root, args, limits)

  expect(said).not.toBe('')
  expect(existsSync(join(tree.root, 'started'))).toBe(false)
})
