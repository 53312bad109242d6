import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCliWorld, type CliWorld } from './cli.ts'

let world: CliWorld
beforeAll(async () => {
  world = await openCliWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

interface Shown {
  id: number
  state: string
  data: object
  run_list: { outcome: string }[]
}

test('./deploy.sh tasks hands in, shows, cancels, sends again; a worker does it while its log is followed', async () => {
  const dir = join(world.dataDir, 'work')
  mkdirSync(dir)
  writeFileSync(join(dir, 'x.py'), 'import sys; print("script", sys.argv[1:])')

  const added = await world.run([
    'tasks',
    'add',
    'shell',
    'pwd; echo "$0"; exit 4',
    '--dir',
    dir,
    '--name',
    'Où ?',
  ])
  const script = await world.run([...'tasks add python x.py --json --dir'.split(' '), dir, '--', '-v', 'a b'])
  const cancelled = await world.run(['tasks', 'cancel', '2'])
  const nobody = await world.run(['workers', 'list'])
  const started = await world.run(['task-worker', '--daemon'])
  const failed = await world.run(['tasks', 'logs', '1', '--follow'])
  const again = await world.run(['tasks', 'retry', '2'])
  const done = await world.run(['tasks', 'logs', '2', '--follow'])
  const shown = await world.json<Shown>(['tasks', 'show', '1'])
  const listed = await world.run(['tasks', 'list', '--state', 'failed'])
  const workers = await world.json<{ items: { completed: number; failed: number }[] }>(['workers', 'list'])

  expect(added).toMatchObject({ code: 0, stdout: 'Task 1 waits.\n' })
  expect(JSON.parse(script.stdout)).toMatchObject({
    id: 2,
    data: { script: 'x.py', args: ['-v', 'a b'] },
    created: true,
  })
  expect(cancelled.stdout).toBe('Task 2 is cancelled.\n')
  expect(nobody.stdout).toContain('No task worker works.')
  expect(started.code).toBe(0)
  expect(failed).toMatchObject({ code: 1, stdout: `${dir}\nsh\n` })
  expect(failed.stderr).toBe('Task 1: failed, the command ended with exit code 4.\n')
  expect(again.stdout).toBe('Task 2 waits again.\n')
  expect(done).toMatchObject({ code: 0, stdout: "script ['-v', 'a b']\n", stderr: 'Task 2: completed.\n' })
  expect(shown).toMatchObject({ state: 'failed', run_list: [{ outcome: 'failed', exit_code: 4 }] })
  expect(listed.stdout).toMatch(/1 {2}✗ failed {2}shell .* Où \?: the command ended with exit code 4/)
  expect(workers.items).toMatchObject([{ completed: 1, failed: 1 }])
})

test.each([
  [['add', 'git', 'pull', 'origin'], 2, '--data'],
  [['add', 'git', 'clone', '--data', '[1]'], 2, 'takes a JSON object'],
  [['add', 'nonsense'], 1, 'No worker knows the type "nonsense"'],
  [['add', 'shell', 'x', '--within', '0'], 2, 'from 1 to 86400'],
  [['logs', '1', '--follow', '--run', '1'], 2, "'--run <n>' cannot be used with"],
  [['show', 'x'], 2, 'The number of a task'],
  [['show', '77'], 1, 'There is no task 77'],
])('./deploy.sh tasks %j says what is wrong', async (args, code, about) => {
  const answer = await world.run(['tasks', ...args])

  expect(answer.code).toBe(code)
  expect(answer.stderr).toContain(about)
})
