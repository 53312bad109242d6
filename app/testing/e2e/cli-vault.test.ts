import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../db/open.ts'
import { builtProgram } from '../product.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

describe('./deploy.sh vault', () => {
  test('stores a value from a pipe, prints it again, and shows neither in a list', async () => {
    await using world = await openCliWorld()

    const set = await world.run(['vault', 'set', 'GITHUB_TOKEN', '--category', 'token'], {
      input: 'ghp_one\n',
    })
    await world.run(['vault', 'set', 'GITHUB_TOKEN', '--description', 'of the build'], { input: 'ghp_two\n' })
    const got = await world.run(['vault', 'get', 'GITHUB_TOKEN'])
    const earlier = await world.run(['vault', 'get', 'GITHUB_TOKEN', '1'])
    await world.run(['vault', 'rollback', 'GITHUB_TOKEN', '1'])
    const list = await world.run(['vault', 'list'])
    const json = await world.json<{ items: object[] }>(['vault', 'list', '--json'])

    expect(set).toMatchObject({ code: 0, stdout: 'GITHUB_TOKEN is stored, as version 1.\n' })
    expect([got.stdout, earlier.stdout]).toEqual(['ghp_two', 'ghp_one'])
    expect(list.stdout).toMatch(/GITHUB_TOKEN\s+token\s+3 .*of the build/)
    expect(json.items).toMatchObject([{ name: 'GITHUB_TOKEN', version: 3, versions: 3, access_count: 2 }])
    expect(JSON.stringify([set, list, json])).not.toContain('ghp_')
  })

  test('keeps every character of a value of many lines but the newline at its end', async () => {
    await using world = await openCliWorld()
    const value = `-----BEGIN KEY-----\n'"$(id)\` \\ é ü\n-----END KEY-----`

    await world.run(['vault', 'set', 'KEY'], { input: `${value}\n` })
    const got = await world.run(['vault', 'get', 'KEY'])
    const env = await world.run(['vault', 'env', 'KEY'])
    const shell = await world.run(['vault', 'run', '-s', 'KEY', '--', 'sh', '-c', 'printf %s "$KEY"'])

    expect([got.stdout, shell.stdout]).toEqual([value, value])
    expect(env.stdout).toBe(`export KEY='${value.replaceAll("'", `'\\''`)}'\n`)
  })

  test('runs a command with secrets under other names, and ends as it does', async () => {
    await using world = await openCliWorld()
    await world.run(['vault', 'set', 'deploy key'], { input: 'planted-value' })

    const run = (...command: string[]) =>
      world.run(['vault', 'run', '-s', 'TOKEN=deploy key', '--', ...command])
    const [printed, failed, killed, missing] = [
      await run('sh', '-c', 'printf %s "$TOKEN"'),
      await run('sh', '-c', 'exit 7'),
      await run('sh', '-c', 'kill -TERM $$'),
      await run('no-such-program'),
    ]

    expect(printed).toMatchObject({ code: 0, stdout: 'planted-value' })
    expect([failed.code, killed.code, missing.code]).toEqual([7, 143, 1])
    expect(missing.stderr).toContain('Cannot run no-such-program')
  })

  test('gives a command its stdin, its terminal, and each signal once', async () => {
    await using world = await openCliWorld()
    await world.run(['vault', 'set', 'A'], { input: 'planted-value' })
    const command = ['vault', 'run', '-s', 'A', '--']
    const told = join(world.dataDir, 'told')
    // What a keyboard sends reaches the command by itself; passed on as well, it would come twice.
    const script = `const say = (what) => require('fs').appendFileSync(${JSON.stringify(told)}, what + ' ')
      for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => (say(name), setTimeout(() => process.exit(9), 500)))
      say(process.stdin.isTTY ? 'tty' : 'none'); setInterval(() => {}, 1_000)`
    const soFar = () => readFile(told, 'utf8').catch(() => '')
    const begun = (count: number) =>
      waitFor(async () => (await soFar()).split(' ').length > count, 'the command')

    const piped = await world.run([...command, 'cat'], { input: 'from a pipe' })
    const alone = world.start([...command, process.execPath, '-e', script])
    await begun(1)
    alone.kill('SIGTERM')
    const [code] = (await once(alone, 'close')) as [number]
    await world.tmux.open({
      name: 'here',
      command: [
        'env',
        `ARCHITECT_DATA=${world.dataDir}`,
        process.execPath,
        builtProgram('app/cli'),
        ...command,
        process.execPath,
        '-e',
        script,
      ],
    })
    await begun(3)
    await world.tmux.run('send-keys', '-t', 'here', 'C-c')
    await waitFor(async () => (await soFar()).includes('SIGINT'), 'the key')
    await setTimeout(600)

    expect(piped).toMatchObject({ code: 0, stdout: 'from a pipe' })
    expect(code).toBe(9)
    expect(await soFar()).toBe('none SIGTERM tty SIGINT ')
  })

  test.each([
    [['vault', 'run', '--', 'true'], 2, 'Say which secrets'],
    [['vault', 'run', '-s', 'a b', '--', 'true'], 1, `"a b" can't be the name of a variable`],
    [['vault', 'get', 'NOTHING'], 1, 'There is no secret "NOTHING"'],
    [['vault', 'set', 'A', '--expires', 'soon'], 2, '--expires must be a date'],
    [['vault', 'set', 'A'], 1, 'No value was given'],
    [['vault', 'export'], 2, 'Say who opens it'],
    [['vault', 'export', '--recipient', 'age1nonsense'], 2, 'A recipient is a public key'],
    [['vault', 'verify'], 1, 'The vault is empty'],
  ])('%j ends with %i and says: %s', async (args, code, sentence) => {
    await using world = await openCliWorld()

    const answer = await world.run(args, { input: '' })

    expect(answer).toMatchObject({ code, stderr: expect.stringContaining(sentence) })
  })

  test('takes in a .env file, all of it or nothing', async () => {
    await using world = await openCliWorld()
    const file = join(world.dataDir, 'some.env')
    await world.run(['vault', 'set', 'TAKEN'], { input: 'as it was' })
    await writeFile(file, '# mine\nexport ONE="with spaces"\nTWO=two # remark\nEMPTY=\nTAKEN=other\n')

    const refused = await world.run(['vault', 'import', file])
    const before = await world.json<{ items: object[] }>(['vault', 'list', '--json'])
    const taken = await world.json(['vault', 'import', file, '--replace', '--json'])
    const values = await Promise.all(['ONE', 'TWO', 'TAKEN'].map((name) => world.run(['vault', 'get', name])))

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/already: TAKEN\. --replace/) })
    expect(before.items).toHaveLength(1)
    expect(taken).toEqual({ imported: ['ONE', 'TAKEN', 'TWO'] })
    expect(values.map(({ stdout }) => stdout)).toEqual(['with spaces', 'two', 'other'])
  })

  test('exports what only the recipient opens', async () => {
    await using world = await openCliWorld()
    await world.run(['vault', 'set', 'A', '--category', 'token'], { input: 'planted-value' })
    const identity = await generateIdentity()

    const { stdout } = await world.run([
      'vault',
      'export',
      '--recipient',
      await identityToRecipient(identity),
    ])
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    const opened = JSON.parse(await decrypter.decrypt(armor.decode(stdout), 'text')) as unknown

    expect(stdout).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
    expect(opened).toMatchObject({ secrets: [{ name: 'A', value: 'planted-value', category: 'token' }] })
  })

  test('verify ends with 1 and names the row that somebody removed', async () => {
    await using world = await openCliWorld()
    await world.run(['vault', 'set', 'A'], { input: 'planted-value' })
    await world.run(['vault', 'get', 'A'])
    await world.run(['vault', 'rotate'])

    const before = await world.run(['vault', 'verify'])
    await removeRow(world, 3)
    const after = await world.run(['vault', 'verify'])

    expect(before).toMatchObject({ code: 0, stdout: expect.stringMatching(/5 rows of the audit, 1 value\./) })
    expect(after).toMatchObject({ code: 1, stdout: '✕ Row 3 of the audit was removed.\n' })
  })

  test('sealed, gives nothing and says why', async () => {
    await using world = await openCliWorld()
    await world.run(['vault', 'set', 'A'], { input: 'planted-value' })

    await world.run(['vault', 'seal'])
    const refused = await world.run(['vault', 'get', 'A'])
    const status = await world.json(['vault', 'status', '--json'])
    await world.run(['vault', 'unlock'])
    const got = await world.run(['vault', 'get', 'A'])

    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/The vault was sealed by .*vault unlock/),
    })
    expect(status).toMatchObject({ state: 'sealed', kind: 'file' })
    expect(got.stdout).toBe('planted-value')
  })
})

async function removeRow({ dataDir }: CliWorld, seq: number) {
  await using database = await openDatabase({ dataDir })
  await database.write((db) => db.deleteFrom('vault_audit').where('seq', '=', seq).execute())
}
