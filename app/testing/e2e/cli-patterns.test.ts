import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../config.ts'
import { openInteraction } from '../../db/interaction/open.ts'
import { openRecords } from '../../records.ts'
import { askedByWeb } from '../asked.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

let world: CliWorld

beforeAll(async () => {
  world = await openCliWorld()
  await using records = await openRecords(readConfig({ ARCHITECT_DATA: world.dataDir }))
  for (const command of ['npm test', 'curl https://x.example', 'npm test']) {
    const row = askedByWeb({ input: { command }, sessionKey: `n/default/%${command.length}` })
    await records.database.write((db) => openInteraction(db, row, Date.now()))
  }
})
afterAll(() => world[Symbol.asyncDispose]())

test('a rule is made of what was asked, shown with what it would have approved, and enabled', async () => {
  const made = await world.run(['patterns', 'add', '--from', '#1'])
  const live = await world.run(['patterns', 'enable', '1'])
  const again = await world.run(['patterns', 'enable', '1'])
  const listed = await world.json<{ items: object[] }>(['patterns', 'list'])

  expect(made.stdout).toMatch(
    /^Rule 1 is a draft \(version 1\): allow `npm test`\.\nWould have approved 2 of 3\.\n/,
  )
  expect(live).toMatchObject({
    code: 0,
    stdout: 'Would have approved 2 of 3.\nRule 1 answers from now on.\n',
  })
  expect(again).toMatchObject({ code: 1, stderr: 'architect: Cannot enable pattern 1: it is live.\n' })
  expect(listed.items).toMatchObject([{ id: 1, state: 'live', made_from: 1 }])
})

test('what a shipped rule warns about is enabled only by a second word', async () => {
  const words = ['--command', 'curl https://x.example', '--name', 'fetch']
  const tried = await world.run(['patterns', 'add', ...words, '--dry-run'])
  const { id } = await world.json<{ id: number }>(['patterns', 'add', ...words])
  const doubted = await world.run(['patterns', 'enable', String(id)])
  const wanted = await world.run(['patterns', 'enable', String(id), '--yes'])

  expect(tried.stdout).toMatch(
    /^Would have approved 1 of 3, 1 of which talks to the network\.\n\nID  WITHOUT /,
  )
  expect(doubted).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^architect: Rule \d+ is not enabled\. Would have .* patterns dry-run \d+\./,
    ),
  })
  expect(wanted).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/Rule \d+ answers from now on\.\n$/),
  })
})

test('an edit changes what is given and no more; a name that was made of its words follows them', async () => {
  const words = ['--tool', 'edit', '--path', 'src/**', '--tier', 'worker']
  const { id } = await world.json<{ id: number }>(['patterns', 'add', ...words])
  const rule = String(id)

  const edited = await world.json(['patterns', 'edit', rule, '--path', 'docs/**', '--drop', 'tiers'])
  const shown = await world.run(['patterns', 'show', rule])
  const empty = await world.run(['patterns', 'edit', rule, '--drop', 'tools', 'paths'])

  expect(edited).toMatchObject({
    version: 2,
    state: 'draft',
    name: 'edit of docs/**',
    conditions: { tools: ['edit'], paths: ['docs/**'] },
  })
  expect(shown.stdout).toContain('  paths     docs/**\n')
  expect(empty).toMatchObject({ code: 2, stderr: expect.stringMatching(/Say what the rule is about/) })
})

test('an agent grants itself nothing', async () => {
  const env = { ARCHITECT_SESSION: 'web' }
  const commands = [
    ['patterns', 'add', '--tool', 'shell'],
    ['patterns', 'enable', '2'],
    ['patterns', 'edit', '1', '--tool', 'shell'],
    ['patterns', 'disable', '1'],
    ['patterns', 'remove', '1'],
    ['patterns', 'policy', '--worker', 'full'],
    ['interactions', 'approve', '1'],
  ]

  const answers = await Promise.all(commands.map((args) => world.run(args, { env })))
  const listed = await world.run(['patterns', 'list'], { env })

  for (const { code, stderr } of answers) {
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/not by agents, .* in the session web\. Ask a person/),
    ])
  }
  expect(listed.code).toBe(0)
})

test('wrong words are refused with exit code 2, and say what there is', async () => {
  const wrong: [string[], RegExp][] = [
    [['add'], /--command, --tool or --host/],
    [['add', '--command', 'ls; rm x'], /commands: must be one simple command a line/],
    [['add', '--from', '1', '--tool', 'shell'], /--from takes its conditions from what was asked/],
    [['show', 'x'], /"x" is no number of a rule/],
    [['edit', '1', '--drop', 'foo'], /Allowed choices are tools,/],
    [['policy', '--switch-off', 'git-force-puch'], /Did you mean "git-force-push"\?/],
  ]

  const answers = await Promise.all(wrong.map(([args]) => world.run(['patterns', ...args])))

  expect(answers.map(({ code, stderr }) => [code, stderr])).toEqual(
    wrong.map(([, says]) => [2, expect.stringMatching(says)]),
  )
})

test('a policy is shown, and changed where it is given', async () => {
  const before = await world.json(['patterns', 'policy'])
  const after = await world.json(['patterns', 'policy', '--manager', 'full', '--switch-off', 'publish'])
  const off = await world.run(['patterns', 'policy', '--automatic', 'off', '--switch-on', 'publish'])

  expect(before).toMatchObject({ automatic: true, policy: { tiers: { manager: 'routine' } } })
  expect(after).toMatchObject({
    policy: { tiers: { manager: 'full', worker: 'full' }, withoutShipped: ['publish'] },
  })
  expect(off.stdout).toMatch(/^Nothing is answered automatically.*\n.*--automatic on/)
  expect(off.stdout).toContain('All shipped rules hold.')
})
