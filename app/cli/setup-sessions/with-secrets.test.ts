import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { wrapWithSecrets } from './with-secrets.ts'

const run = promisify(execFile)
let folder: string
let program: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-with-secrets-'))
  program = join(folder, 'deploy.sh')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** In the place of the real one, which the tests of the command line run. */
function answerWith(script: string) {
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
}

test('a command without secrets is started as it is', () => {
  expect(wrapWithSecrets(['claude', '--x'], [], { dataDir: folder, program })).toEqual(['claude', '--x'])
})

test('the program gets its values as environment, is asked for by name, and keeps its own arguments', async () => {
  answerWith(`printf '%s\\n' "$ARCHITECT_DATA" "$@" > "${folder}/asked"
    printf '%s\\n' "export A='it'\\\\''s; \\$(id) *'" "export B='two'"`)
  const wanted = ['A', 'B=deploy token *']
  const command = ['sh', '-c', 'printf "%s|%s|%s|%s" "$A" "$B" "$1" "$given"; cat "$0/asked"', folder, 'a b']

  const [file = '', ...args] = wrapWithSecrets(command, wanted, { dataDir: folder, program })
  const { stdout } = await run(file, args)

  expect(stdout).toBe(`it's; $(id) *|two|a b|${folder}\nvault\nenv\nA\nB=deploy token *\n`)
  expect([file, ...args].join(' ')).not.toContain('two')
})

test('where the vault gives nothing, the program does not start', async () => {
  answerWith('exit 1')

  const [file = '', ...args] = wrapWithSecrets(['echo', 'started'], ['A'], { dataDir: folder, program })

  await expect(run(file, args)).rejects.toMatchObject({ code: 1, stdout: '' })
})

test('a name that can be no variable is refused before anything is started', () => {
  expect(() => wrapWithSecrets(['claude'], ['deploy token'], { dataDir: folder })).toThrow(/VARIABLE=/)
})
