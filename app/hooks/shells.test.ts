import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HookInbox, HookMessage } from '../core/hook.ts'
import { makeHookFolder, type HookFolder } from '../testing/hook-folder.ts'
import { waitFor } from '../testing/wait-for.ts'
import { hookCommand } from './entries.ts'
import { openSpool } from './spool.ts'

/*
 * Agents hand a hook's command line to whichever shell they or their user prefer, and the program itself runs in
 * what this machine calls sh. The folder's name holds blanks and both quotes.
 */

const isHere = ([program]: readonly string[]) => spawnSync('which', [program!]).status === 0
const shells = [
  ['sh'],
  ['dash'],
  ['bash'],
  ['bash', '--posix'],
  ['busybox', 'sh'],
  ['zsh'],
  ['ksh'],
  ['mksh'],
]
const posix = shells.filter(isHere)
const login = [...shells, ['fish']].filter(isHere)
const request = { session_id: 'c1', tool_name: 'Bash', tool_input: { command: 'ls' } }

let folder: HookFolder
let spool: HookInbox
let heard: HookMessage[]

beforeEach(async () => {
  folder = await makeHookFolder()
  heard = []
  spool = await openSpool({ dataDir: folder.dataDir, log: { warn: () => undefined } })
})
afterEach(async () => {
  await spool[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe.each(login.map((words) => ({ words, name: words.join(' ') })))('handed to $name', ({ words }) => {
  test('a hook leaves its message, and says the decision', async () => {
    await spool.listen(async (message) => {
      heard.push(message)
      if (message.type === 'permission_asked') await spool.decide(message, { behavior: 'allow' })
    })
    const { program } = folder.paths

    const stop = await run(words, ['-c', hookCommand(program, 'claude', 'Stop')])
    const asked = await run(words, ['-c', hookCommand(program, 'claude', 'PermissionRequest')])
    await waitFor(async () => heard.length === 2, 'both messages')

    expect(stop).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(asked.stdout)).toMatchObject({
      hookSpecificOutput: { decision: { behavior: 'allow' } },
    })
  })

  test('a hook whose program is gone ends with 0 and says nothing', async () => {
    const gone = hookCommand(`${folder.dataDir}/gone's.sh`, 'claude', 'PermissionRequest')

    expect(await run(words, ['-c', gone])).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe.each(posix.map((words) => ({ words, name: words.join(' ') })))('run by $name', ({ words }) => {
  test('the program leaves whole messages', async () => {
    await run(words, [folder.paths.program, 'claude', 'Stop'])
    const waits = await readdir(folder.paths.incoming)
    await spool.listen(async (message) => void heard.push(message))
    // One that is told twice is the same one.
    await waitFor(async () => heard.length > 0, 'the message')

    expect(new Set(heard.map(({ id }) => id)).size).toBe(1)
    expect(waits).toHaveLength(1)
    expect(await readdir(folder.paths.unread)).toEqual([])
  })
})

async function run([shell, ...flags]: string[], args: string[]) {
  const child = spawn(shell!, [...flags, ...args], { env: { ...process.env, HOME: folder.dataDir } })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (data: Buffer) => (said[stream] += String(data)))
  }
  child.stdin.on('error', () => undefined) // what is gone reads nothing
  child.stdin.end(JSON.stringify(request))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}
