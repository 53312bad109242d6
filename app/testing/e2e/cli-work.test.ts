import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCliWorld, type CliWorld } from './cli.ts'

let world: CliWorld
const run = (...args: string[]) => world.run(args)

beforeAll(async () => {
  world = await openCliWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('projects and their work are written down, listed, changed and found again', async () => {
  const dir = join(world.dataDir, '..', 'shop')
  mkdirSync(dir)

  const said = [
    await run('projects', 'add', 'Web shop', '--key', 'SHOP', '--dir', dir),
    await run('features', 'add', 'Pay by card', '--project', 'SHOP', '--priority', '5'),
    await run('bugs', 'add', 'The cart \u001b[31mforgets', '--project', 'shop', '--severity', 'high'),
    await run('devops-tasks', 'add', 'Move the backup', '--project', '1', '--assignee', 'user:anna'),
    await run('bugs', 'set', 'shop-2', '--status', 'in_progress', '--title', 'The cart forgets'),
    await run('bugs', 'list', '--project', 'SHOP', '--status', 'in_progress'),
    await run('features', 'show', 'SHOP-1'),
    await run('projects', 'list'),
    await run('search', 'cart', 'forg'),
    await run('search', '--rebuild'),
  ]

  expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(said.map(() => [0, '']))
  const [project, feature, bug, task, changed, bugs, shown, projects, found, rebuilt] = said.map(
    ({ stdout }) => stdout,
  )
  expect([project, feature, task]).toEqual([
    'SHOP Web shop is there.\n',
    'SHOP-1 is written down.\n',
    'SHOP-3 is written down.\n',
  ])
  expect([bug, changed]).toEqual(['SHOP-2 is written down.\n', 'SHOP-2 is in progress.\n'])
  expect(bugs).toMatch(/KEY +STATUS[^\n]+\nSHOP-2 +◐ in progress +0 +high [^\n]+The cart forgets\n$/)
  expect(shown).toBe('SHOP-1 Pay by card\n○ open · priority 5\n')
  expect(projects).toMatch(/SHOP +● active +Web shop +\S+\/shop\n$/)
  expect(found).toMatch(/work +2 +in progress +◐ SHOP-2 The cart forgets\n$/)
  expect(rebuilt).toBe('The index is made anew: 4 rows.\n')
})

test('in JSON it is what the API says', async () => {
  const [list, item, none] = [
    await world.json<{ items: object[] }>(['features', 'list', '--project', 'SHOP']),
    await world.json(['bugs', 'show', '2']),
    await world.json<{ items: object[] }>(['bugs', 'list', '--status', 'done']),
  ]

  expect(list.items).toMatchObject([{ key: 'SHOP-1', kind: 'feature', created_at: expect.any(Number) }])
  expect(item).toMatchObject({ key: 'SHOP-2', status: 'in_progress', severity: 'high', version: 2 })
  expect(none.items).toEqual([])
})

test('what is suggested is listed and decided', async () => {
  const collected = await run('suggestions', 'collect', '--source', 'bug')
  await run('bugs', 'add', 'Nobody looks', '--project', 'SHOP')
  const again = await run('suggestions', 'collect')
  const list = await world.json<{ items: { id: number; title: string }[] }>(['suggestions', 'list'])
  const { id } = list.items.find(({ title }) => title.includes('Nobody looks'))!
  const confirmed = await run('suggestions', 'confirm', String(id), '--as', 'feature', '--title', 'Look')
  const twice = await run('suggestions', 'skip', String(id))

  expect(collected.stdout).toBe('0 new, 0 back, 0 without a reason any more.\n')
  expect(again.stdout).toBe('1 new, 0 back, 0 without a reason any more.\n')
  expect(confirmed.stdout).toMatch(new RegExp(`^Suggestion ${id} is feature \\d+ now\\.\\n$`))
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('confirmed') })
})

test('logins at services of others are kept with the name of what opens them', async () => {
  await world.run(['vault', 'set', 'NPM_TOKEN'], { input: 'planted-value' })

  const added = await run('accounts', 'add', 'npm', 'ci', '--secret', 'NPM_TOKEN', '--node', 'pi-1')
  const listed = await run('accounts', 'list', '--search', 'npm')
  await run('accounts', 'set', '1', '--status', 'limited', '--no-secret')
  const shown = await run('accounts', 'show', '1')
  const removed = await run('accounts', 'rm', '1')

  expect(added).toMatchObject({ code: 0, stdout: 'Account 1, ci at npm, is written down.\n' })
  expect(listed.stdout).toMatch(/1 +npm +ci +● active +pi-1 +NPM_TOKEN *\n$/)
  expect(shown.stdout).toBe('ci at npm\n◔ limited · pi-1 · no secret\n')
  expect(removed.stdout).toBe('Account 1 is forgotten.\n')
  expect(JSON.stringify([added, listed, shown])).not.toContain('planted-value')
})

test.each([
  [['bugs', 'add', '', '--project', 'SHOP'], 1, 'title: must not be empty'],
  [['bugs', 'add', 'x'], 2, '--project'],
  [['bugs', 'add', 'x', '--project', 'NONE'], 1, 'NONE'],
  [['features', 'add', 'x', '--project', 'SHOP', '--severity', 'low'], 2, '--severity'],
  [['bugs', 'set', 'SHOP-99', '--status', 'done'], 1, 'SHOP-99'],
  [['projects', 'add', 'x', '--key', 'no key'], 1, '--key must be'],
  [['projects', 'add', 'x', '--dir', '/no/such/folder'], 1, '/no/such/folder'],
  [['suggestions', 'confirm', 'first'], 2, 'whole number'],
  [['suggestions', 'confirm', '1', '--as', 'task'], 2, '--as'],
  [['accounts', 'add', 'npm', 'ci', '--secret', 'NONE'], 1, 'There is no secret "NONE"'],
  [['accounts', 'show', '99'], 1, 'no service account 99'],
  [['search'], 2, 'say what to look for'],
])('%j ends with %i and says: %s', async (args, code, sentence) => {
  const answer = await world.run(args)

  expect(answer).toMatchObject({ code, stderr: expect.stringContaining(sentence) })
})

test('the index of another machine is made anew over there', async () => {
  const env = { ARCHITECT_URL: 'http://127.0.0.1:1', ARCHITECT_TOKEN: 'x' }

  const answer = await world.run(['search', '--rebuild'], { env })

  expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('works on this machine only') })
})
