import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSourceTree } from '../../testing/source-tree.ts'
import { gitFacts, withoutCredentials } from './git-facts.ts'

test.each([
  ['https://ann:secret@example.org/a.git', 'https://example.org/a.git'],
  ['https://token@example.org/a.git', 'https://example.org/a.git'],
  ['https://example.org/a.git?token=secret#x', 'https://example.org/a.git'],
  ['ssh://git@example.org/a.git', 'ssh://git@example.org/a.git'],
  ['ssh://git:secret@example.org/a.git', 'ssh://example.org/a.git'],
  ['git@example.org:a.git', 'git@example.org:a.git'],
  ['ann:secret@example.org:a.git', 'example.org:a.git'],
  ['https://ann:sec ret@exa mple/a', 'https://exa mple/a'],
  ['/srv/git/a.git', '/srv/git/a.git'],
])('%s is shown as %s', (remote, shown) => {
  expect(withoutCredentials(remote)).toBe(shown)
})

test('a look at a repository starts none of the programs that its settings name', async () => {
  using tree = makeSourceTree({ 'a.txt': 'x', '.gitattributes': '*.txt filter=evil\n' })
  tree.git('init', '-q')
  tree.git('add', '.')
  tree.git('commit', '-qm', 'x')
  tree.git('config', 'filter.evil.clean', `touch ${tree.root}/started`)
  tree.git('config', 'core.fsmonitor', `touch ${tree.root}/started`)
  tree.write('a.txt', 'y')

  const facts = await gitFacts(tree.root)

  expect(facts).toMatchObject({ isDirty: true, remote: null })
  expect(existsSync(join(tree.root, 'started'))).toBe(false)
})

test('a folder inside of a repository is none itself', async () => {
  using tree = makeSourceTree({ 'in/a.ts': '' })
  tree.git('init', '-q')

  expect(await gitFacts(join(tree.root, 'in'))).toBeNull()
})
