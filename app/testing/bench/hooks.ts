import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HookMessageOf } from '../../core/hook.ts'
import { hookCommand } from '../../hooks/entries.ts'
import { openSpool } from '../../hooks/spool.ts'
import { makeHookFolder, runHook, type HookFolder } from '../hook-folder.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const rounds = 200
const requests = 60
/** A prompt of some lines, as most are. */
const message = { session_id: 'bench', cwd: '/project', prompt: 'one line of a prompt\n'.repeat(100) }
const request = { session_id: 'bench', tool_name: 'Bash', tool_input: { command: 'ls' } }

/** What an agent waits for its hook, each run beside an empty shell of the same moment. */
export async function benchHooks(): Promise<Row[]> {
  await using folder = await makeHookFolder()
  const told = await overheads(() => folder.run('claude', 'UserPromptSubmit', message))
  await empty(folder)
  const absent = await overheads(() => runHook(hookCommand('/nobody/hook.sh', 'claude', 'Stop'), message))
  const decided = await decisions(folder)
  return [
    rowOf('What a hook adds to an empty `sh -c :`', told, 20),
    rowOf('…where Architect is gone', absent, 20),
    rowOf(
      `A permission request is decided by hook (${requests} requests, one after the other)`,
      decided,
      500,
    ),
  ]
}

async function overheads(run: () => Promise<unknown>): Promise<number[]> {
  const added: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const bare = await took(() => runHook(':', ''))
    added.push((await took(run)) - bare)
  }
  return added
}

/** From the start of the hook to the end of it with a decision, which is given as soon as it is asked for. */
async function decisions(folder: HookFolder): Promise<number[]> {
  await using spool = await openSpool({ dataDir: folder.dataDir, log: { warn: console.warn } })
  await spool.listen(async (asked) => {
    await spool.decide(asked as HookMessageOf<'permission_asked'>, { behavior: 'allow' })
  })
  const times: number[] = []
  for (let n = 0; n < requests; n += 1) {
    const { stdout, tookMs } = await folder.run('claude', 'PermissionRequest', request)
    times.push(stdout === '' ? Infinity : tookMs)
    await sleep(20)
  }
  return times
}

async function empty({ paths }: HookFolder) {
  for (const name of await readdir(paths.incoming)) await rm(join(paths.incoming, name))
}

async function took(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

/** The target is for the median: what other programs do meanwhile is in the slowest ones. */
function rowOf(what: string, times: number[], mostMs: number): Row {
  const [p50, p95] = [percentile(times, 50), percentile(times, 95)]
  const measured = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`
  return { what, measured, target: `≤ ${mostMs} ms`, ok: p50 <= mostMs }
}
