import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import type { HookInbox, HookMessage, HookMessageOf } from '../core/hook.ts'
import { makeHookFolder, runHook, type HookFolder } from '../testing/hook-folder.ts'
import { waitFor } from '../testing/wait-for.ts'
import { hookCommand } from './entries.ts'
import { openSpool } from './spool.ts'
import { maxWaiting } from './sweep.ts'

const request = { session_id: 'c1', tool_name: 'Bash', tool_input: { command: 'ls' } }
/** More than what little room a disk may have. */
const more = 'x'.repeat(20_000)
const silent = { code: 0, stdout: '', stderr: '' }

let folder: HookFolder
let spool: HookInbox | null

beforeEach(async () => {
  folder = await makeHookFolder()
  spool = null
})
afterEach(async () => {
  await spool?.[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function listen({ aheadMs = 0 } = {}) {
  const heard: HookMessage[] = []
  const warnings: string[] = []
  const clock = {
    ...systemClock,
    now: () => Date.now() + aheadMs,
    sleep: systemClock.sleep.bind(systemClock),
  }
  spool = await openSpool({
    dataDir: folder.dataDir,
    log: { warn: (_data, message) => warnings.push(message) },
    clock,
  })
  await spool.listen(async (message) => void heard.push(message))
  return { inbox: spool, heard, warnings }
}

const waiting = () => readdir(folder.paths.incoming)

/** How a private mount namespace is had here; null: not at all. */
const namespace =
  [['-m'], ['-Urm']].find((flags) => {
    const script = 'mount -t tmpfs -o size=64k none /mnt'
    return spawnSync('unshare', [...flags, 'sh', '-c', script]).status === 0
  }) ?? null

describe.skipIf(namespace === null)('on a disk of its own (needs leave to mount in a namespace)', () => {
  /** What a hook does there, and what it leaves, after `prepare` has spoilt the disk. */
  async function onDisk(prepare: string, event: string): Promise<string[]> {
    const { folder: hooks, program } = folder.paths
    const script = `
      cp -r "$1" "$1.copy" && mount -t tmpfs -o size=64k,nr_inodes=40 none "$1" && cp -r "$1.copy/." "$1" || exit 9
      cd "$1" || exit 9
      ${prepare}
      answer=$(printf %s "$3" | sh -c "$2" 2>&1); echo "code $? said $answer."
      for left in incoming/*; do [ ! -e "$left" ] || echo "$(tail -c 40 "$left" | tail -n 1)"; done`
    const words = [hooks, hookCommand(program, 'claude', event), JSON.stringify({ ...request, more })]
    const run = await promisify(execFile)('unshare', [...namespace!, 'sh', '-c', script, 'sh', ...words])
    return run.stdout.replace(/\n$/, '').split('\n')
  }

  test.each(['PermissionRequest', 'Stop'])('%s arrives while there is room', async (event) => {
    const [run, left] = await onDisk(':', event)

    expect(run).toBe('code 0 said .')
    expect(left).toMatch(/^end \d+-\d+$/)
  })

  test.each([
    ['is full', 'cat /dev/zero >zero 2>&-'],
    ['has room for the beginning only', 'head -c 3000 /dev/zero >keep; cat /dev/zero >zero 2>&-; rm keep'],
    ['has no more names', 'i=0; while mkdir "n$i" 2>&-; do i=$((i + 1)); done'],
    ['may only be read', 'mount -o remount,ro "$1"'],
  ])('a hook is silent, and leaves no half a message, where the disk %s', async (_how, prepare) => {
    for (const event of ['PermissionRequest', 'Stop']) {
      const [run, ...left] = await onDisk(prepare, event)

      expect(run).toBe('code 0 said .')
      expect(left.filter((line) => !/^end \d+-\d+$/.test(line))).toEqual([])
    }
  })
})

test('a message beyond what may be written is dropped, and counted', async () => {
  const small = `ulimit -f 8; ${hookCommand(folder.paths.program, 'claude', 'Stop')}`

  const run = await runHook(small, 'x'.repeat(100_000))

  expect(run).toMatchObject(silent)
  expect(await waiting()).toEqual([])
  expect((await stat(folder.paths.dropped)).size).toBe(1)
})

test('a hook that is killed at any moment leaves a whole message or one that is put aside', async () => {
  const hooks = Array.from({ length: 24 }, async (_, n) => {
    const event = n % 2 === 0 ? 'UserPromptSubmit' : 'PermissionRequest'
    const child = spawn('/bin/sh', ['-c', hookCommand(folder.paths.program, 'claude', event)], {
      detached: true,
    })
    child.stdin.on('error', () => undefined)
    const text = JSON.stringify({ ...request, prompt: 'x'.repeat(50_000) })
    child.stdin.write(text.slice(0, 30_000))
    setTimeout(() => child.stdin.end(text.slice(30_000)), n)
    await sleep(n * 5)
    killGroup(child.pid!)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  })
  await Promise.all(hooks)
  const left = (await waiting()).length
  expect(left).toBeGreaterThan(0)

  const { inbox, heard } = await listen({ aheadMs: 11_000 })
  await waitFor(async () => (await waiting()).length === 0, 'an empty spool')

  const texts = heard.flatMap((message) => (message.type === 'prompt_received' ? [message.text.length] : []))
  const asked = heard.filter((message) => message.type === 'permission_asked')
  const fates = await Promise.all(
    asked.map((one) => inbox.decide(one as HookMessageOf<'permission_asked'>, { behavior: 'allow' })),
  )
  const unread = (await readdir(folder.paths.unread)).filter((name) => !name.endsWith('.reason'))
  expect(texts.every((length) => length === 50_000)).toBe(true)
  expect(fates.every((fate) => fate === 'too_late')).toBe(true)
  expect(heard.length + unread.length).toBe(left)
})

test('beyond its bound the spool takes no more, and takes again when it was read', async () => {
  const junk = Array.from({ length: maxWaiting }, (_, n) => join(folder.paths.incoming, `1-${n}`))
  for (let at = 0; at < junk.length; at += 500)
    await Promise.all(junk.slice(at, at + 500).map((path) => writeFile(path, '')))
  // One hook in sixteen counts.
  await waitFor(async () => {
    await folder.run('claude', 'Stop', {})
    return await stat(folder.paths.full).catch(() => null)
  }, 'a full spool')
  const before = (await waiting()).length

  const run = await folder.run('claude', 'PermissionRequest', request)
  const after = (await waiting()).length
  const { size: dropped } = await stat(folder.paths.dropped)
  await Promise.all(junk.map((path) => rm(path)))
  const { heard, warnings } = await listen()
  await folder.run('claude', 'UserPromptSubmit', { prompt: 'again' })

  expect(run).toMatchObject(silent)
  expect(after).toBe(before)
  expect(dropped).toBeGreaterThanOrEqual(1)
  await waitFor(async () => heard.some((one) => one.type === 'prompt_received'), 'the next message')
  expect(warnings).toContain('messages of hooks were dropped')
})

test('a decision after 0.6 s is known to be too late, and the hook has said nothing', async () => {
  const fates: string[] = []
  spool = await openSpool({ dataDir: folder.dataDir, log: { warn: () => undefined } })
  await spool.listen(async (message) => {
    await sleep(600)
    fates.push(await spool!.decide(message as HookMessageOf<'permission_asked'>, { behavior: 'allow' }))
  })

  const run = await folder.run('claude', 'PermissionRequest', request)
  await waitFor(async () => fates.length === 1, 'the decision')

  expect(run).toMatchObject(silent)
  expect(fates).toEqual(['too_late'])
})

test('a decision whose assigner was killed right after it is taken, and the next one changes nothing', async () => {
  const { inbox, heard } = await listen()
  const hook = folder.run('claude', 'PermissionRequest', request)
  const asked = (await waitFor(async () => heard[0], 'the request')) as HookMessageOf<'permission_asked'>
  const first = await inbox.decide(asked, { behavior: 'deny', message: 'no' })
  await rm(folder.paths.assigner)

  const next = await openSpool({ dataDir: folder.dataDir, log: { warn: () => undefined } })
  const second = await next.decide(asked, { behavior: 'allow' })
  await next[Symbol.asyncDispose]()
  const run = await hook

  expect([first, second]).toEqual(['given', 'given'])
  expect(JSON.parse(run.stdout)).toMatchObject({ hookSpecificOutput: { decision: { behavior: 'deny' } } })
})

/** It may have ended by itself. */
function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
