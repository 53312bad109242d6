import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hookCommand } from '../hooks/entries.ts'
import { prepareHookFolder } from '../hooks/prepare.ts'
import type { HookPaths } from '../hooks/paths.ts'

/** A data folder with the hooks' program in it, under a name that needs quoting. */
export interface HookFolder extends AsyncDisposable {
  dataDir: string
  paths: HookPaths
  /** Runs the hook as an agent does: its command line, by `sh`, with the message on stdin. */
  run(agent: string, event: string, message: unknown, env?: NodeJS.ProcessEnv): Promise<HookRun>
  /** Runs `count` hooks at once, as so many agents would; what each of them printed. */
  runMany(agent: string, event: string, count: number, message: (n: number) => unknown): Promise<string[]>
}

export interface HookRun {
  code: number | null
  stdout: string
  stderr: string
  tookMs: number
}

export async function makeHookFolder(): Promise<HookFolder> {
  const root = await mkdtemp(join(tmpdir(), 'architect-hooks-'))
  const dataDir = join(root, `the data's "folder" $HOME`)
  const paths = await prepareHookFolder(dataDir)
  return {
    dataDir,
    paths,
    run: (agent, event, message, env) => runHook(hookCommand(paths.program, agent, event), message, env),
    async runMany(agent, event, count, message) {
      const numbers = Array.from({ length: count }, (_, n) => n)
      await Promise.all(numbers.map((n) => writeFile(join(root, `in-${n}`), JSON.stringify(message(n)))))
      // One shell starts them all: so many processes started from here would hold up who decides.
      const each = `(${hookCommand(paths.program, agent, event)}) <"$0/in-$n" >"$0/out-$n" &`
      await promisify(execFile)('/bin/sh', [
        '-c',
        `for n in ${numbers.join(' ')}; do ${each} done; wait`,
        root,
      ])
      return Promise.all(numbers.map((n) => readFile(join(root, `out-${n}`), 'utf8')))
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** `message`: a Buffer or a string as it is, anything else as JSON. */
export async function runHook(
  command: string,
  message: unknown,
  env: NodeJS.ProcessEnv = {},
): Promise<HookRun> {
  const began = performance.now()
  const child = spawn('/bin/sh', ['-c', command], { env: { ...process.env, ...env } })
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
  const brokenPipe: Error[] = []
  child.stdin.on('error', (error) => brokenPipe.push(error))
  const text = Buffer.isBuffer(message) || typeof message === 'string' ? message : JSON.stringify(message)
  // A shell that reads nothing may have ended: only a message can break its pipe.
  if (text.length > 0) child.stdin.write(text)
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  if (brokenPipe[0]) throw brokenPipe[0]
  return { code, stdout: await stdout, stderr: await stderr, tookMs: performance.now() - began }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
